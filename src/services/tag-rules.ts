// What Corral takes as tags from callers. Looser than AWS in one thing: AWS has a list of characters, but tags that
// exist in the world hold others (a no-break space, for one), and a system of record must be able to hold them.
// Lengths are the shapes' business.

/** Tags of a user's own on one resource: AWS's limit. Those of AWS's services (`aws:`) do not count. */
export const maxUserTags = 50

/** Only AWS's own services write these keys; in any case, since AWS compares the prefix so. */
export const isReservedKey = (key: string): boolean => /^aws:/i.test(key)

export const userTagCount = (keys: readonly string[]): number => keys.filter((key) => !isReservedKey(key)).length

/** Control characters, line separators and lone surrogates: what could forge lines of a log, or is no text at all. */
export const isPrintable = (text: string): boolean => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
