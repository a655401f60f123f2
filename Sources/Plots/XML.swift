/// Text of XML: everything that came from outside goes through `escaped`.
enum XML {
  /// As text or between quotes; characters that XML 1.0 does not know become U+FFFD.
  static func escaped(_ text: some StringProtocol) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case "\t", "\n", "\r": out += " "
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}"..."\u{FFFF}": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// `<name attributes>`, attributes in the order given.
  static func open(_ name: String, _ attributes: [(String, String)]) -> String {
    "<" + name + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined() + ">"
  }

  static func element(_ name: String, _ attributes: [(String, String)], text: String? = nil) -> String {
    let start = "<" + name + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    guard let text else { return start + "/>" }
    return start + ">" + escaped(text) + "</\(name)>"
  }

  /// An element around others.
  static func element(_ name: String, _ attributes: [(String, String)], content: String) -> String {
    open(name, attributes) + content + "</\(name)>"
  }
}
