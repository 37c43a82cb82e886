// What an attacker, a proxy or a careless client may do to a signed request, by class. Each change alters the draft and
// returns, or returns false if it does not apply to this request. Whether the result must still be accepted is not
// decided here: many of these are harmless on purpose.
import { signatureOf } from './independent-canonicalizer.ts'
import type { ReadingBug } from './independent-canonicalizer.ts'
import type { Random } from './random.ts'
import {
  accessKeyIds,
  editClaim,
  headersNamed,
  isPresigned,
  sha256Hex,
  signedNames,
  timestampOf,
  tokens,
} from './signed-requests.ts'
import type { ClaimPart, Draft } from './signed-requests.ts'

/** False: not applicable here, the draft is as it was or is thrown away. */
type Change = (draft: Draft, random: Random) => boolean | void

export interface ChangeClass {
  name: string
  /** Cases of a hundred. */
  share: number
  presigned?: boolean
  /** Made before signing: the key's holder signs it, so only the rules of use can refuse it. */
  signedByHolder?: boolean
  changes: Record<string, Change>
}

function spliceAt(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove)
}

/** Positions at which the pattern (global) matches. */
function matchesOf(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map((match) => match.index)
}

function flipCase(character: string): string {
  return character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
}

const escapeOf = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** Changes the text at a random match of the pattern, or says that there is none. */
function atMatch(text: string, pattern: RegExp, random: Random, edit: (at: number) => string): string | false {
  const at = random.member(matchesOf(text, pattern))
  return at === undefined ? false : edit(at)
}

function changePath(pattern: RegExp, edit: (path: string, at: number, random: Random) => string): Change {
  return (draft, random) => {
    const path = atMatch(draft.path, pattern, random, (at) => edit(draft.path, at, random))
    if (path === false) return false
    draft.path = path
    return true
  }
}

const encodeLetter = (text: string, at: number): string => spliceAt(text, at, 1, escapeOf(text.charAt(at)))
const decodeEscape = (text: string, at: number): string => {
  const decoded = String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 3), 16))
  return spliceAt(text, at, 3, decoded)
}
const flipHexCase = (text: string, at: number): string =>
  spliceAt(text, at, 3, text.slice(at, at + 3).replaceAll(/[a-zA-Z]/g, flipCase))
const replaceCharacter = (text: string, at: number, random: Random): string =>
  spliceAt(text, at, 1, random.pick(['x', 'Y', '0', '-', '_']))

const visibleEscape = /%(?:2[13-57-9A-Fa-f]|3[A-Da-d]|[46][0-9A-Fa-f]|[57][0-9A-Ea-e])/g

/** A piece of the query, not one that carries the signature itself. */
function changePiece(edit: (piece: string, random: Random) => string | false): Change {
  return (draft, random) => {
    const places = draft.query.map((_, index) => index).filter((index) => !draft.query[index]?.startsWith('X-Amz-'))
    const place = random.member(places)
    if (place === undefined) return false
    const piece = edit(draft.query[place] ?? '', random)
    if (piece === false) return false
    draft.query[place] = piece
    return true
  }
}

function inPiece(pattern: RegExp, edit: (piece: string, at: number, random: Random) => string): Change {
  return changePiece((piece, random) => atMatch(piece, pattern, random, (at) => edit(piece, at, random)))
}

function inValue(edit: (value: string, random: Random) => string | false): Change {
  return changePiece((piece, random) => {
    const equals = piece.indexOf('=')
    if (equals < 0) return false
    const value = edit(piece.slice(equals + 1), random)
    return value === false ? false : piece.slice(0, equals + 1) + value
  })
}

function changeHeader(fits: (draft: Draft, name: string) => boolean, edit: HeaderEdit): Change {
  return (draft, random) => {
    const places = draft.headers
      .map((_, index) => index)
      .filter((index) => fits(draft, draft.headers[index]?.[0].toLowerCase() ?? ''))
    const place = random.member(places)
    const header = place === undefined ? undefined : draft.headers[place]
    if (place === undefined || header === undefined) return false
    return edit({ draft, random, header, place })
  }
}
type HeaderEdit = (at: { draft: Draft; random: Random; header: [string, string]; place: number }) => boolean | void

const isSigned = (draft: Draft, name: string): boolean => name !== 'authorization' && signedNames(draft).includes(name)
const isUnsigned = (draft: Draft, name: string): boolean =>
  name !== 'authorization' && !signedNames(draft).includes(name)
const isAnyPlain = (_: Draft, name: string): boolean => name !== 'authorization'

const signedHeader = (edit: (value: string, random: Random) => string | false): Change =>
  changeHeader(
    (draft, name) => name !== 'host' && isSigned(draft, name),
    ({ random, header }) => {
      const value = edit(header[1], random)
      if (value === false) return false
      header[1] = value
      return true
    },
  )

const namedHeader = (name: string, edit: HeaderEdit): Change => changeHeader((_, candidate) => candidate === name, edit)

const setNamedHeader = (name: string, edit: (value: string, random: Random) => string): Change =>
  namedHeader(name, ({ random, header }) => {
    header[1] = edit(header[1], random)
  })

const addHeader =
  (name: string, value: string): Change =>
  (draft, random) => {
    draft.headers.splice(random.below(draft.headers.length + 1), 0, [name, value])
  }

const removeHeader: HeaderEdit = ({ draft, place }) => {
  draft.headers.splice(place, 1)
}

const changeClaim =
  (part: ClaimPart, edit: (value: string, random: Random, draft: Draft) => string): Change =>
  (draft, random) =>
    editClaim(draft, part, (value) => edit(value, random, draft))

const scopePart = (place: number, edit: (value: string, random: Random) => string): Change =>
  changeClaim('Credential', (credential, random) =>
    credential
      .split('/')
      .map((part, index) => (index === place ? edit(part, random) : part))
      .join('/'),
  )

function timestampText(draft: Draft): string | undefined {
  if (isPresigned(draft)) return draft.query.find((piece) => piece.startsWith('X-Amz-Date='))?.slice(11)
  return (headersNamed(draft, 'x-amz-date')[0] ?? headersNamed(draft, 'date')[0])?.[1]
}

function setTimestamp(draft: Draft, text: string): void {
  if (isPresigned(draft)) {
    draft.query = draft.query.map((piece) => (piece.startsWith('X-Amz-Date=') ? `X-Amz-Date=${text}` : piece))
    return
  }
  const header = headersNamed(draft, 'x-amz-date')[0] ?? headersNamed(draft, 'date')[0]
  if (header !== undefined) header[1] = text
}

function timestampMsOf(draft: Draft): number {
  const text = timestampText(draft) ?? ''
  const [date, time] = [text.slice(0, 8), text.slice(9, 15)]
  return Date.parse(
    `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
  )
}

const shiftTimestamp =
  (seconds: (random: Random) => number, withScope: boolean): Change =>
  (draft, random) => {
    const text = timestampOf(timestampMsOf(draft) + seconds(random) * 1000)
    setTimestamp(draft, text)
    if (withScope) {
      editClaim(draft, 'Credential', (value) => value.replace(/\/\d{8}\//, `/${text.slice(0, 8)}/`))
    }
  }

function parameterIndex(draft: Draft, name: string): number {
  return draft.query.findIndex((piece) => piece.startsWith(`${name}=`))
}

const setParameter =
  (name: string, edit: (value: string, random: Random) => string): Change =>
  (draft, random) => {
    const index = parameterIndex(draft, name)
    if (index < 0) return false
    draft.query[index] = `${name}=${edit((draft.query[index] ?? '').slice(name.length + 1), random)}`
    return true
  }

const anyParameter: readonly [string, ...string[]] = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-SignedHeaders',
]

const changeBody =
  (edit: (body: Buffer, random: Random) => Buffer): Change =>
  (draft, random) => {
    draft.body = edit(Buffer.from(draft.body), random)
  }

const sortedList = (names: string[]): string => [...new Set(names)].sort().join(';')

/** Adds the header before signing without naming it in SignedHeaders. */
const leaveUnsigned = (name: string, value: string): Change => addHeader(name, value)

const unlist =
  (fits: (name: string) => boolean): Change =>
  (draft) => {
    const names = signedNames(draft)
    const rest = names.filter((name) => !fits(name))
    if (rest.length === names.length || rest.length === 0) return false
    editClaim(draft, 'SignedHeaders', () => rest.join(';'))
    return true
  }

/** The server's clock stands so many milliseconds after the time signed. */
const clockAt =
  (ageMs: number, presigned: boolean): Change =>
  (draft) => {
    if (isPresigned(draft) !== presigned) return false
    draft.nowMs = timestampMsOf(draft) + ageMs
    return true
  }

const clockAtExpiry =
  (afterMs: number): Change =>
  (draft) => {
    const index = parameterIndex(draft, 'X-Amz-Expires')
    if (index < 0) return false
    draft.nowMs = timestampMsOf(draft) + Number(draft.query[index]?.slice(14)) * 1000 + afterMs
    return true
  }

const setExpires =
  (text: string): Change =>
  (draft, random) => {
    draft.nowMs = timestampMsOf(draft) + 500
    return setParameter('X-Amz-Expires', () => text)(draft, random)
  }

const claimHash =
  (text: string): Change =>
  (draft, random) => {
    if (isPresigned(draft)) return false
    const header = headersNamed(draft, 'x-amz-content-sha256')[0]
    if (header !== undefined) header[1] = text
    else {
      addHeader('X-Amz-Content-Sha256', text)(draft, random)
      editClaim(draft, 'SignedHeaders', (value) => sortedList([...value.split(';'), 'x-amz-content-sha256']))
    }
    return true
  }

/** Signing mistakes of a client that the verifier must not share: the way S3 signs, for the most part. */
export const misreadings: Record<string, ReadingBug> = {
  'signs a claimed payload hash': 'payload hash believed, not computed',
  'signs the path as S3 does, not normalised': 'path not normalised',
  'signs the path encoded once': 'path decoded twice',
}

export const changeClasses: readonly ChangeClass[] = [
  {
    name: 'method',
    share: 5,
    changes: {
      'another method': (draft, random) => {
        draft.method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
      },
      'lower case': (draft) => {
        draft.method = draft.method.toLowerCase()
      },
      'letter added': (draft) => {
        draft.method += 'S'
      },
    },
  },
  {
    name: 'path',
    share: 8,
    changes: {
      'letter encoded': changePath(/[A-Za-z0-9_~-]/g, encodeLetter),
      'punctuation encoded': changePath(/[:()*!@$=,;]/g, encodeLetter),
      'slash encoded': changePath(/(?<=.)\//g, encodeLetter),
      'escape decoded': changePath(visibleEscape, decodeEscape),
      'escaped slash decoded': changePath(/%2F/g, decodeEscape),
      'percent encoded again': changePath(/%/g, encodeLetter),
      'hex digits in the other case': changePath(/%[0-9A-Fa-f]{2}/g, flipHexCase),
      'dot segment': changePath(/\//g, (path, at) => spliceAt(path, at, 1, '/./')),
      'segment and back again': changePath(/\//g, (path, at) => spliceAt(path, at, 1, '/up/../')),
      'dot segment encoded': changePath(/\//g, (path, at) => spliceAt(path, at, 1, '/%2e/')),
      'parent segment encoded': changePath(/\//g, (path, at) => spliceAt(path, at, 1, '/up/%2E%2E/')),
      'above the root': changePath(/^\//g, (path) => `/..${path}`),
      'slash doubled': changePath(/\//g, (path, at) => spliceAt(path, at, 1, '//')),
      'slash added at the end': changePath(/$/g, (path) => `${path}/`),
      'slash removed at the end': changePath(/(?<=.)\/$/g, (path) => path.slice(0, -1)),
      'parent at the end': changePath(/$/g, (path) => `${path}/..`),
      'dot at the end': changePath(/$/g, (path) => `${path}/.`),
      'segment and parent at the end': changePath(/$/g, (path) =>
        path.endsWith('/') ? `${path}up/..` : `${path}/up/..`,
      ),
      'three dots': changePath(/$/g, (path) => `${path}/...`),
      'character changed': changePath(/[^/%]/g, replaceCharacter),
      'letter in the other case': changePath(/[A-Za-z]/g, (path, at) =>
        spliceAt(path, at, 1, flipCase(path.charAt(at))),
      ),
      'segment removed': changePath(
        /\/[^/]+/g,
        (path, at) => path.slice(0, at) + path.slice(at).replace(/^\/[^/]+/, ''),
      ),
      'segment added': changePath(/$/g, (path) => `${path}/admin`),
      'parameter added': changePath(/$/g, (path) => `${path};x=1`),
      'null added': changePath(/$/g, (path) => `${path}%00`),
      backslash: changePath(/(?<=.)\//g, (path, at) => spliceAt(path, at, 1, '\\')),
      'absolute form': (draft) => {
        draft.path = `http://${headersNamed(draft, 'host')[0]?.[1]}${draft.path}`
      },
      fragment: changePath(/$/g, (path) => `${path}#x`),
    },
  },
  {
    name: 'query',
    share: 8,
    changes: {
      'value changed': inValue((value) => `${value}1`),
      'value emptied': inValue(() => ''),
      'value in the other case': inValue((value) => value.replaceAll(/[A-Za-z]/g, flipCase)),
      'piece removed': (draft, random) => {
        if (draft.query.length === 0) return false
        draft.query.splice(random.below(draft.query.length), 1)
        return true
      },
      'piece doubled': (draft, random) => {
        const piece = random.member(draft.query)
        if (piece === undefined) return false
        draft.query.splice(random.below(draft.query.length + 1), 0, piece)
        return true
      },
      'piece added': (draft, random) => {
        const piece = random.pick([
          'tagKeys=zzz',
          'x',
          '=',
          'Action=DeleteUser',
          'x-amz-date=20200101T000000Z',
          '%00=1',
        ])
        draft.query.splice(random.below(draft.query.length + 1), 0, piece)
      },
      'signature parameter added': (draft, random) => {
        const piece = random.pick([
          'X-Amz-Signature=00',
          'X-Amz-Security-Token=x',
          'X-Amz-Expires=604800',
          'X-Amz-SignedHeaders=host',
          'X-Amz-Algorithm=AWS4-HMAC-SHA256',
        ])
        draft.query.push(piece)
      },
      'pieces in another order': (draft, random) => {
        draft.query = random.shuffled(draft.query)
      },
      'letter encoded': inPiece(/(?<!%|%.)[A-Za-z0-9.~_-]/g, encodeLetter),
      'second equals sign encoded': inPiece(/(?<==.*)=/g, encodeLetter),
      'escape decoded': inPiece(/%(?:4[1-9A-F]|7E|2D|3[aA])/g, decodeEscape),
      'escaped ampersand decoded': inPiece(/%26/g, decodeEscape),
      'escaped plus decoded': inPiece(/%2B/g, decodeEscape),
      'space as plus': inPiece(/%20/g, (piece, at) => spliceAt(piece, at, 3, '+')),
      'percent encoded again': inPiece(/%/g, encodeLetter),
      'hex digits in the other case': inPiece(/%[0-9A-Fa-f]{2}/g, flipHexCase),
      'equals sign moved': inPiece(/=./g, (piece, at) => spliceAt(piece, at, 2, `${piece.charAt(at + 1)}=`)),
      'equals sign encoded': inPiece(/=/g, encodeLetter),
      'equals sign left out': inPiece(/(?<=^[^=]+)=$/g, (piece) => piece.slice(0, -1)),
      'equals sign added': changePiece((piece) => (piece.includes('=') ? false : `${piece}=`)),
      'ampersand as semicolon': (draft) => {
        const [first, second, ...rest] = draft.query
        if (first === undefined || second === undefined) return false
        draft.query = [`${first};${second}`, ...rest]
        return true
      },
      'ampersand encoded': (draft) => {
        const [first, second, ...rest] = draft.query
        if (first === undefined || second === undefined) return false
        draft.query = [`${first}%26${second}`, ...rest]
        return true
      },
      'bare question mark': (draft) => {
        if (draft.query.length > 0) return false
        draft.query = ['']
        return true
      },
      'second question mark': inPiece(/=/g, (piece) => `${piece}?`),
    },
  },
  {
    name: 'signed header value',
    share: 7,
    changes: {
      'character added': signedHeader((value) => `${value}x`),
      'character changed': signedHeader((value, random) =>
        atMatch(value, /\S/g, random, (at) => replaceCharacter(value, at, random)),
      ),
      'letter in the other case': signedHeader((value, random) =>
        atMatch(value, /[A-Za-z]/g, random, (at) => spliceAt(value, at, 1, flipCase(value.charAt(at)))),
      ),
      shortened: signedHeader((value) => (value === '' ? false : value.slice(0, -1))),
      emptied: signedHeader(() => ''),
      'second value after a comma': signedHeader((value) => `${value},x`),
      'comma added': signedHeader((value) => `${value},`),
      'inner space removed': signedHeader((value, random) =>
        atMatch(value, /(?<=\S) (?=\S)/g, random, (at) => spliceAt(value, at, 1, '')),
      ),
      'inner space added': signedHeader((value, random) =>
        atMatch(value, /(?<=[a-z])(?=[a-z])/g, random, (at) => spliceAt(value, at, 0, ' ')),
      ),
      'no-break space added': signedHeader((value) => `${value}\u00a0`),
      'values of two headers swapped': (draft, random) => {
        const [one, other] = random.shuffled(draft.headers.filter(([name]) => isSigned(draft, name.toLowerCase())))
        if (one === undefined || other === undefined) return false
        const value = one[1]
        one[1] = other[1]
        other[1] = value
        return true
      },
    },
  },
  {
    name: 'signed header added, removed or doubled',
    share: 7,
    changes: {
      removed: changeHeader(isSigned, removeHeader),
      'empty one removed': changeHeader(
        (draft, name) => isSigned(draft, name) && headersNamed(draft, name).every(([, value]) => value === ''),
        removeHeader,
      ),
      'same again': changeHeader(isSigned, ({ draft, header }) => {
        draft.headers.push([header[0], header[1]])
      }),
      'another value after': changeHeader(isSigned, ({ draft, header }) => {
        draft.headers.push([header[0].toUpperCase(), 'x'])
      }),
      'another value before': changeHeader(isSigned, ({ draft, header }) => {
        draft.headers.unshift([header[0].toLowerCase(), 'x'])
      }),
      'an empty value after': changeHeader(isSigned, ({ draft, header }) => {
        draft.headers.push([header[0], ''])
      }),
      'split at a comma': changeHeader(isSigned, ({ draft, header, place }) => {
        const comma = header[1].indexOf(',')
        if (comma < 0) return false
        const [name, value] = header
        draft.headers.splice(place, 1, [name, value.slice(0, comma)], [name.toLowerCase(), value.slice(comma + 1)])
        return true
      }),
      'joined with a comma': changeHeader(
        (draft, name) => isSigned(draft, name) && headersNamed(draft, name).length > 1,
        ({ draft, header }) => {
          const name = header[0].toLowerCase()
          const joined = headersNamed(draft, name).map(([, value]) => value)
          draft.headers = draft.headers.filter((other) => other[0].toLowerCase() !== name)
          draft.headers.push([header[0], joined.join(',')])
        },
      ),
      'two of one name swapped': changeHeader(
        (draft, name) => isSigned(draft, name) && headersNamed(draft, name).length > 1,
        ({ draft, header }) => {
          const [first, second] = headersNamed(draft, header[0].toLowerCase())
          if (first === undefined || second === undefined) return false
          const value = first[1]
          first[1] = second[1]
          second[1] = value
          return true
        },
      ),
      renamed: changeHeader(isSigned, ({ header }) => {
        header[0] += 'x'
      }),
      'underscore for a dash': changeHeader(isSigned, ({ header }) => {
        if (!header[0].includes('-')) return false
        header[0] = header[0].replace('-', '_')
        return true
      }),
      'an unlisted x-amz-* header added': (draft, random) =>
        addHeader(random.pick(['X-Amz-Target', 'x-amz-meta-new', 'X-AMZ-ACL', 'x-amz-date']), 'added')(draft, random),
    },
  },
  {
    name: 'unsigned header',
    share: 6,
    changes: {
      'value changed': changeHeader(isUnsigned, ({ header }) => {
        if (header[0].toLowerCase() === 'date') return false
        header[1] += ' changed'
        return true
      }),
      removed: changeHeader(isUnsigned, removeHeader),
      doubled: changeHeader(isUnsigned, ({ draft, header }) => {
        draft.headers.push([header[0], header[1]])
      }),
      'one added by a proxy': (draft, random) =>
        addHeader(random.pick(['X-Forwarded-Proto', 'X-Amzn-Trace-Id', 'Via', 'X-Request-Id', 'x_amz_note']), 'p')(
          draft,
          random,
        ),
      'x-amz-* added': (draft, random) =>
        addHeader(random.pick(['X-Amz-Meta-A', 'x-amz-security-token', 'X-AMZ-DATE', 'x-amz-']), 'a')(draft, random),
      'Date added beside x-amz-date': (draft, random) => {
        if (headersNamed(draft, 'x-amz-date').length === 0 || headersNamed(draft, 'date').length > 0) return false
        return addHeader('Date', random.pick(['20150830T123600Z', 'Mon, 09 Sep 2011 23:36:00 GMT', '?']))(draft, random)
      },
      'Authorization added to a presigned request': (draft, random) => {
        if (!isPresigned(draft)) return false
        return addHeader('Authorization', random.pick(['Bearer x', 'Basic eDp5', 'AWS4-HMAC-SHA256 Credential=x']))(
          draft,
          random,
        )
      },
    },
  },
  {
    name: 'order, case and white space',
    share: 6,
    changes: {
      'headers in another order': (draft, random) => {
        draft.headers = random.shuffled(draft.headers)
      },
      'name in upper case': changeHeader(isAnyPlain, ({ header }) => {
        header[0] = header[0].toUpperCase()
      }),
      'name in lower case': changeHeader(isAnyPlain, ({ header }) => {
        header[0] = header[0].toLowerCase()
      }),
      'space before a value': changeHeader(isAnyPlain, ({ header }) => {
        header[1] = `  ${header[1]}`
      }),
      'white space after a value': changeHeader(isAnyPlain, ({ header }) => {
        header[1] = `${header[1]} \t `
      }),
      'inner space widened': changeHeader(isAnyPlain, ({ header, random }) => {
        const value = atMatch(header[1], /(?<=\S) /g, random, (at) => spliceAt(header[1], at, 1, '    '))
        if (value === false) return false
        header[1] = value
        return true
      }),
      'Authorization without spaces': setNamedHeader('authorization', (value) => value.replaceAll(', ', ',')),
      'Authorization with more spaces': setNamedHeader('authorization', (value) => value.replaceAll(', ', ',   ')),
      'Authorization in another order': setNamedHeader('authorization', (value, random) => {
        const [algorithm = '', ...parts] = value.split(/,? /)
        return `${algorithm} ${random.shuffled(parts).join(', ')}`
      }),
      'Authorization header name in lower case': namedHeader('authorization', ({ header }) => {
        header[0] = 'authorization'
      }),
      'algorithm in lower case': setNamedHeader('authorization', (value) => value.replace('AWS4-HMAC', 'aws4-hmac')),
    },
  },
  {
    name: 'body',
    share: 6,
    changes: {
      'bit flipped': changeBody((body, random) => {
        const at = random.below(Math.max(body.length, 1))
        if (body.length > 0) body[at] = (body[at] ?? 0) ^ (1 << random.below(8))
        return body
      }),
      'byte appended': changeBody((body, random) => Buffer.concat([body, Buffer.from([random.below(256)])])),
      'line feed appended': changeBody((body) => Buffer.concat([body, Buffer.from('\n')])),
      'byte inserted at the start': changeBody((body, random) =>
        Buffer.concat([Buffer.from([random.below(256)]), body]),
      ),
      'byte removed': changeBody((body) => body.subarray(0, -1)),
      emptied: changeBody(() => Buffer.alloc(0)),
      replaced: changeBody((_, random) => Buffer.from(`{"x":${random.below(1000)}}`)),
      'replaced and its hash with it': (draft) => {
        draft.body = Buffer.from('{"replaced":true}')
        for (const header of headersNamed(draft, 'x-amz-content-sha256')) header[1] = sha256Hex(draft.body)
      },
    },
  },
  {
    name: 'date, scope and credential',
    share: 7,
    changes: {
      'another key of the server': scopePart(0, (_, random) => random.pick(accessKeyIds)),
      'a key unknown to the server': scopePart(0, (key) => `${key}X`),
      'key in lower case': scopePart(0, (key) => key.toLowerCase()),
      'key left out': scopePart(0, () => ''),
      'scope date moved': scopePart(1, (date, random) => String(Number(date) + random.pick([-1, 1, 10_000]))),
      'another Region': scopePart(2, (_, random) => random.pick(['us-east-1', 'eu-west-3', 'US-EAST-1', ''])),
      'another service': scopePart(3, (_, random) => random.pick(['sts', 'tagging', 's3', 'STS', ''])),
      'another terminator': scopePart(4, (_, random) =>
        random.pick(['aws4_reques', 'AWS4_REQUEST', 'aws4_request ', '']),
      ),
      'part added': changeClaim('Credential', (value) => `${value}/x`),
      'part removed': changeClaim('Credential', (value) => value.slice(0, value.lastIndexOf('/'))),
      'slash in front': changeClaim('Credential', (value) => `/${value}`),
      'a second later': shiftTimestamp(() => 1, false),
      'time moved inside the window': shiftTimestamp((random) => random.between(-60, 60), true),
      'day moved with the scope': shiftTimestamp((random) => random.pick([-86_400, 86_400]), true),
      'date malformed': (draft, random) => {
        setTimestamp(draft, random.pick(['20150230T123600Z', '2015-08-30T12:36:00Z', '20150830T123600', '', 'now']))
      },
      'clock moved on': (draft, random) => {
        draft.nowMs += random.between(1, 2_000) * 1000
      },
      'clock moved back': (draft, random) => {
        draft.nowMs -= random.between(900, 4_000) * 1000
      },
      'replayed next year': (draft) => {
        draft.nowMs += 365 * 86_400_000
      },
    },
  },
  {
    name: 'host',
    share: 5,
    changes: {
      'another host': setNamedHeader('host', () => 'evil.example.com'),
      'port added': setNamedHeader('host', (value) => `${value}:443`),
      'port removed': setNamedHeader('host', (value) => value.replace(/:\d+$/, '')),
      'dot added': setNamedHeader('host', (value) => `${value}.`),
      'letters in upper case': setNamedHeader('host', (value) => value.toUpperCase()),
      'user added': setNamedHeader('host', (value) => `user@${value}`),
      emptied: setNamedHeader('host', () => ''),
      removed: namedHeader('host', removeHeader),
      'second host after': (draft) => {
        draft.headers.push(['Host', 'evil.example.com'])
      },
      'same host again': namedHeader('host', ({ draft, header }) => {
        draft.headers.push(['host', header[1]])
      }),
      'forwarded host added': addHeader('X-Forwarded-Host', 'evil.example.com'),
      'space around': setNamedHeader('host', (value) => ` ${value} `),
    },
  },
  {
    name: 'SignedHeaders list',
    share: 6,
    changes: {
      'name removed': changeClaim('SignedHeaders', (value, random) => {
        const names = value.split(';')
        names.splice(random.below(names.length), 1)
        return names.join(';')
      }),
      'name of a header present added': changeClaim('SignedHeaders', (value, random, draft) => {
        const name = random.member(draft.headers)?.[0].toLowerCase() ?? 'via'
        return sortedList([...value.split(';'), name])
      }),
      'name of no header added': changeClaim('SignedHeaders', (value) => sortedList([...value.split(';'), 'zzz'])),
      'name doubled': changeClaim('SignedHeaders', (value) => `${value};${value.split(';').at(-1)}`),
      'another order': changeClaim('SignedHeaders', (value, random) => random.shuffled(value.split(';')).join(';')),
      'upper case': changeClaim('SignedHeaders', (value) => value.toUpperCase()),
      'semicolon added': changeClaim('SignedHeaders', (value, random) =>
        random.chance(0.5) ? `${value};` : `;${value}`,
      ),
      'space added': changeClaim('SignedHeaders', (value) => value.replace(';', '; ')),
      emptied: changeClaim('SignedHeaders', () => ''),
      'host only': changeClaim('SignedHeaders', () => 'host'),
    },
  },
  {
    name: 'x-amz-content-sha256',
    share: 5,
    changes: {
      'hash changed': setNamedHeader('x-amz-content-sha256', (value) =>
        value.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      ),
      'hash of nothing': setNamedHeader('x-amz-content-sha256', () => sha256Hex(Buffer.alloc(0))),
      'UNSIGNED-PAYLOAD': setNamedHeader('x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD'),
      streaming: setNamedHeader('x-amz-content-sha256', () => 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
      'upper case': setNamedHeader('x-amz-content-sha256', (value) => value.toUpperCase()),
      emptied: setNamedHeader('x-amz-content-sha256', () => ''),
      removed: namedHeader('x-amz-content-sha256', removeHeader),
      'UNSIGNED-PAYLOAD with another body': (draft, random) => {
        draft.body = Buffer.from('{"other":1}')
        return setNamedHeader('x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD')(draft, random)
      },
      'added beside the signature': (draft, random) =>
        headersNamed(draft, 'x-amz-content-sha256').length > 0
          ? false
          : addHeader('x-amz-content-sha256', random.chance(0.5) ? sha256Hex(draft.body) : 'UNSIGNED-PAYLOAD')(
              draft,
              random,
            ),
      'space around': setNamedHeader('x-amz-content-sha256', (value) => ` ${value} `),
    },
  },
  {
    name: 'session token',
    share: 5,
    changes: {
      'header changed': setNamedHeader('x-amz-security-token', (value) => `${value}x`),
      'header of another session': setNamedHeader('x-amz-security-token', (_, random) => random.pick(tokens)),
      'header emptied': setNamedHeader('x-amz-security-token', () => ''),
      'header removed': namedHeader('x-amz-security-token', removeHeader),
      'header doubled': namedHeader('x-amz-security-token', ({ draft, random }) => {
        draft.headers.push(['x-amz-security-token', random.pick(tokens)])
      }),
      'header moved to the query': namedHeader('x-amz-security-token', ({ draft, header, place }) => {
        draft.headers.splice(place, 1)
        draft.query.push(`X-Amz-Security-Token=${encodeURIComponent(header[1])}`)
      }),
      'header added': (draft, random) =>
        headersNamed(draft, 'x-amz-security-token').length > 0
          ? false
          : addHeader('X-Amz-Security-Token', random.pick(tokens))(draft, random),
      'parameter changed': setParameter('X-Amz-Security-Token', (value) => `${value}x`),
      'parameter of another session': setParameter('X-Amz-Security-Token', (_, random) =>
        encodeURIComponent(random.pick(tokens)),
      ),
      'parameter removed': (draft) => {
        const index = parameterIndex(draft, 'X-Amz-Security-Token')
        if (index < 0) return false
        draft.query.splice(index, 1)
        return true
      },
      'space around the header': setNamedHeader('x-amz-security-token', (value) => ` ${value}  `),
    },
  },
  {
    name: 'presigned parameters',
    share: 6,
    presigned: true,
    changes: {
      'Expires changed': setParameter('X-Amz-Expires', (value, random) =>
        random.pick([String(Number(value) + 1), '604800', '604801', '0', '-1', '', '1e9', `0${value}`, `${value}.0`]),
      ),
      'Date changed': setParameter('X-Amz-Date', (value, random) =>
        random.pick([value.replace(/.Z$/, '0Z'), value.replace('Z', ''), '20150830T123600Z']),
      ),
      'Algorithm changed': setParameter('X-Amz-Algorithm', (value, random) =>
        random.pick(['AWS4-HMAC-SHA512', 'AWS4-ECDSA-P256-SHA256', '', value.toLowerCase()]),
      ),
      'escapes decoded': setParameter('X-Amz-Credential', (value) => value.replaceAll('%2F', '/')),
      'semicolons decoded': setParameter('X-Amz-SignedHeaders', (value) => value.replaceAll('%3B', ';')),
      'hex digits in lower case': setParameter('X-Amz-Credential', (value) => value.replaceAll('%2F', '%2f')),
      'letter of a name encoded': (draft, random) => {
        const index = parameterIndex(draft, random.pick([...anyParameter, 'X-Amz-Signature']))
        if (index < 0) return false
        draft.query[index] = (draft.query[index] ?? '').replace('X-', '%58-')
        return true
      },
      removed: (draft, random) => {
        const index = parameterIndex(draft, random.pick([...anyParameter, 'X-Amz-Signature']))
        if (index < 0) return false
        draft.query.splice(index, 1)
        return true
      },
      'doubled with another value': (draft, random) => {
        const name = random.pick(anyParameter)
        draft.query.splice(random.chance(0.5) ? 0 : draft.query.length, 0, `${name}=1`)
      },
      'name in lower case': (draft, random) => {
        const index = parameterIndex(draft, random.pick(anyParameter))
        if (index < 0) return false
        draft.query[index] = (draft.query[index] ?? '').replace(/^[^=]+/, (name) => name.toLowerCase())
        return true
      },
      'moved into a header': (draft, random) => {
        const name = random.pick(anyParameter)
        const index = parameterIndex(draft, name)
        if (index < 0) return false
        const [piece = ''] = draft.query.splice(index, 1)
        draft.headers.push([name, decodeURIComponent(piece.slice(name.length + 1))])
        return true
      },
      'in another order': (draft, random) => {
        draft.query = random.shuffled(draft.query)
      },
      'more parameters': (draft, random) => {
        draft.query.push(random.pick(['X-Amz-Acl=x', 'Action=DeleteRole', 'x-amz-expires=1', 'X-Amz-Content-Sha256=x']))
      },
    },
  },
  {
    name: 'signature text',
    share: 6,
    changes: {
      'digit changed': changeClaim('Signature', (value, random) => {
        const at = random.below(value.length)
        return spliceAt(value, at, 1, value.charAt(at) === '0' ? '1' : '0')
      }),
      'upper case': changeClaim('Signature', (value) => value.toUpperCase()),
      shortened: changeClaim('Signature', (value, random) => value.slice(0, random.below(value.length))),
      'digit added': changeClaim('Signature', (value) => `${value}0`),
      'twice over': changeClaim('Signature', (value) => value + value),
      zeros: changeClaim('Signature', () => '0'.repeat(64)),
      'not hex': changeClaim('Signature', (value) => value.replaceAll(/./g, 'z')),
      'a character outside ASCII': changeClaim('Signature', (value) => `\u00e9${value.slice(1)}`),
      'signed with nothing': changeClaim('Signature', (_, __, draft) => {
        let scope = ['', '', '', '', '']
        editClaim(draft, 'Credential', (credential) => {
          scope = credential.split('/')
          return credential
        })
        const [, date = '', region = '', service = '', terminator = ''] = scope
        return signatureOf('', { date, region, service, terminator }, '')
      }),
    },
  },
  {
    name: 'signed by the holder, breaking a rule',
    share: 7,
    signedByHolder: true,
    changes: {
      'clock at the window’s end': clockAt(900_000, false),
      'clock past the window’s end': clockAt(901_000, false),
      'clock a millisecond past': clockAt(900_001, false),
      'clock at the window’s start': clockAt(-900_000, false),
      'clock before the window': clockAt(-901_000, false),
      'presigned in the future': clockAt(-901_000, true),
      'presigned a second before it ends': clockAtExpiry(-1_000),
      'presigned a second after it ended': clockAtExpiry(1_000),
      'expires never': setExpires('604801'),
      'expires at once': setExpires('0'),
      'expires in the past': setExpires('-60'),
      'expires in seconds with an exponent': setExpires('1e3'),
      'expires in a fraction': setExpires('60.5'),
      'expires in hex': setExpires('0x10'),
      'expires without a number': setExpires(''),
      'expires in a week': setExpires('604800'),
      'host not signed': unlist((name) => name === 'host'),
      'date not signed': unlist((name) => name === 'x-amz-date'),
      'token not signed': unlist((name) => name === 'x-amz-security-token'),
      'payload hash not signed': unlist((name) => name === 'x-amz-content-sha256'),
      'x-amz-* header not signed': leaveUnsigned('X-Amz-Target', 'Tagging.TagResources'),
      'x-amz-* header in capitals not signed': leaveUnsigned('X-AMZ-META-A', ''),
      'trace header not signed': leaveUnsigned('X-Amzn-Trace-Id', 'Root=1'),
      'scope of yesterday': scopePart(1, (date) =>
        timestampOf(Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6)) - 1).slice(0, 8),
      ),
      'scope of no date': scopePart(1, () => ''),
      'another terminator': scopePart(4, (_, random) => random.pick(['aws4', 'AWS4_REQUEST', ''])),
      'a service not served': scopePart(3, (_, random) => random.pick(['s3', 'iam', 'STS', ''])),
      'a key unknown to the server': scopePart(0, (key) => `${key}Q`),
      'date malformed': (draft, random) => {
        const text = timestampText(draft) ?? ''
        setTimestamp(
          draft,
          random
            .pick([text.slice(0, -1), `${text.slice(0, 8)}T246000Z`, `${text} `.replace('T', 't'), text.slice(0, 8)])
            .trim(),
        )
      },
      'day that is not': (draft) => {
        setTimestamp(draft, '20150230T120000Z')
        draft.nowMs = Date.UTC(2015, 2, 2, 12)
        editClaim(draft, 'Credential', (value) => value.replace(/\/\d{8}\//, '/20150230/'))
      },
      'UNSIGNED-PAYLOAD claimed': claimHash('UNSIGNED-PAYLOAD'),
      'another payload hash claimed': claimHash(sha256Hex(Buffer.from('other'))),
      'signs a claimed payload hash': claimHash('UNSIGNED-PAYLOAD'),
      'signs the path as S3 does, not normalised': (draft) => {
        draft.path = draft.path.replace('/', '/up/..//')
      },
      'signs the path encoded once': (draft) => (draft.path.includes('%') ? undefined : false),
    },
  },
]
