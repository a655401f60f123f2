import Foundation
import Testing

/// The pages that users read: the README and Documentation, as Markdown.
struct DocumentationPage: Sendable, CustomTestStringConvertible {
  /// A fenced block.
  struct Block {
    let language: String
    /// The comment alone on the line before, without its marks.
    let comment: String?
    let lines: [String]
    /// Of its first line, from 1.
    let line: Int
  }

  /// Relative to the repository.
  let name: String
  let lines: [String]

  var testDescription: String { name }

  /// In the order of their names. A folder that cannot be read has none: a test counts them.
  static let all: [DocumentationPage] = {
    let folder = Repository.path("Documentation")
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    return (["README.md"] + names.filter { $0.hasSuffix(".md") }.map { "Documentation/" + $0 })
      .map(DocumentationPage.init(name:))
  }()

  init(name: String) {
    self.name = name
    let text = (try? String(contentsOf: Repository.root.appendingPathComponent(name), encoding: .utf8)) ?? ""
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  var path: String { Repository.path(name) }

  var blocks: [Block] {
    var found: [Block] = []
    var open: (language: String, comment: String?, first: Int)?
    for (index, line) in lines.enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      guard trimmed.hasPrefix("```") else { continue }
      if let (language, comment, first) = open {
        found.append(
          Block(language: language, comment: comment, lines: Array(lines[first..<index]), line: first + 1))
        open = nil
      } else {
        open = (String(trimmed.dropFirst(3)), index > 0 ? Self.comment(lines[index - 1]) : nil, index + 1)
      }
    }
    return found
  }

  private static func comment(_ line: String) -> String? {
    line.wholeMatch(of: /<!-- (.*) -->/).map { String($0.1) }
  }

  /// Lines that are no code.
  var prose: [(line: Int, text: String)] {
    var isCode = false
    return lines.enumerated().compactMap { index, line in
      if line.trimmingCharacters(in: .whitespaces).hasPrefix("```") {
        isCode.toggle()
        return nil
      }
      return isCode ? nil : (index + 1, line)
    }
  }

  /// What links behind `#` can name: headings as GitHub writes them.
  var anchors: Set<String> {
    Set(
      prose.filter { $0.text.hasPrefix("#") }.map { heading in
        heading.text.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
          .replacing(" ", with: "-")
      })
  }

  /// Where links and pictures lead, but for those to other places of the net.
  var links: [(line: Int, target: String)] {
    prose.flatMap { line, text in
      text.matches(of: /\]\(([^)\s]+)\)/).map { (line, String($0.1)) }
    }.filter { !$0.1.contains("://") }
  }
}
