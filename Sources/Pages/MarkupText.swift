import Mustache

/// How text becomes part of a page: the characters that mean something in HTML are escaped, scalar by scalar.
///
/// Mustache's own escape goes by grapheme cluster, and leaves a quote alone that a combining mark follows: a name with one would end
/// an attribute.
struct MarkupText: MustacheContentType {
  static let name = "MARKUP"

  func escapeText(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
