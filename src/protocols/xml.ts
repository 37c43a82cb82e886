// Writes XML: elements and text, nothing else. Answers of the query protocol need no more, and reading XML is never
// needed.

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

/** Text that cannot be taken for markup; characters that XML 1.0 forbids become U+FFFD. */
export function escapeText(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => escapes[character] ?? '')
      // oxlint-disable-next-line no-control-regex -- they are what it replaces
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  )
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
