// Parses JSON that may hold several documents one after another: pages put together, JSON lines. Bounds nesting before
// parsing, so that whatever walks the result may recurse. Says where an error is but never quotes the file: a state
// file has secrets in it.

/** Deeper than any real export; far below what overflows a stack. */
const maxDepth = 500
const maxDocuments = 1_000_000

export type DocumentsOrReason = { documents: unknown[] } | { reason: string }

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const openBracket = 0x5b
const closeBrace = 0x7d
const closeBracket = 0x5d

/** Index after the text's closing quote, or the end of the text. `start` is the index after the opening one. */
function endOfText(text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === backslash) index++
    else if (code === quote) return index + 1
  }
  return text.length
}

/** Index after the object or list that begins at `start`; the text's end if it does not close; -1 if it is too deep. */
function endOfDocument(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length;) {
    const code = text.charCodeAt(index++)
    if (code === quote) index = endOfText(text, index)
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) return -1
    } else if ((code === closeBrace || code === closeBracket) && --depth === 0) return index
  }
  return text.length
}

function lineOf(text: string, end: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** The parser's message quotes the text; its position is all that may be told. */
function errorOffset(error: unknown): number | undefined {
  const position = error instanceof SyntaxError ? / at position (\d+)/.exec(error.message)?.[1] : undefined
  return position === undefined ? undefined : Number(position)
}

const space = /[\s,]*/y

export function parseJsonDocuments(text: string): DocumentsOrReason {
  const documents: unknown[] = []
  for (let start = 0; ;) {
    space.lastIndex = start
    space.test(text)
    start = space.lastIndex
    if (start >= text.length) return { documents }
    const code = text.charCodeAt(start)
    const end = code === openBrace || code === openBracket ? endOfDocument(text, start) : start
    if (end < 0) return { reason: `JSON nested more than ${maxDepth} deep` }
    if (end === start) return { reason: `not valid JSON (line ${lineOf(text, start)})` }
    if (documents.length === maxDocuments) return { reason: `more than ${maxDocuments} JSON documents in one file` }
    try {
      documents.push(JSON.parse(text.slice(start, end)))
    } catch (error) {
      return { reason: `not valid JSON (line ${lineOf(text, start + (errorOffset(error) ?? 0))})` }
    }
    start = end
  }
}
