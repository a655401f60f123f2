/// A word of a condition, and where it starts: characters from 1.
struct CohortToken: Equatable {
  enum Kind: Equatable {
    /// Written without quotes: a keyword or a column.
    case word(String)
    case quoted(String)
    case number(Double)
    case text(String)
    case sign(String)
    case end
  }

  let kind: Kind
  let place: Int
  /// As it was written.
  let source: String

  /// The keyword that it is, in capitals.
  var keyword: String? {
    guard case .word(let word) = kind, Self.keywords.contains(word.uppercased()) else { return nil }
    return word.uppercased()
  }

  static let keywords: Set<String> = ["AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL"]

  /// Cuts a condition into words, with `.end` behind the last. Throws `CohortError.syntax`.
  static func tokens(_ text: String) throws -> [CohortToken] {
    let characters = Array(text)
    var tokens: [CohortToken] = []
    var index = 0
    func add(_ kind: Kind, to end: Int) {
      tokens.append(CohortToken(kind: kind, place: index + 1, source: String(characters[index..<end])))
      index = end
    }
    func end(from start: Int, while isPart: (Character) -> Bool) -> Int {
      characters[start...].firstIndex { !isPart($0) } ?? characters.count
    }
    while index < characters.count {
      let character = characters[index]
      if character.isWhitespace {
        index += 1
      } else if character == "'" || character == "\"" {
        let (content, end) = try quoted(characters, from: index)
        add(character == "'" ? .text(content) : .quoted(content), to: end)
      } else if character.isASCII && character.isNumber || "+-.".contains(character) {
        let stop = end(from: index + 1) { $0.isASCII && ($0.isNumber || $0.isLetter || $0 == ".") }
        // The sign of an exponent.
        let more =
          stop < characters.count && "+-".contains(characters[stop]) && "eE".contains(characters[stop - 1])
        let last = more ? end(from: stop + 1) { $0.isASCII && $0.isNumber } : stop
        let source = String(characters[index..<last])
        guard let value = Double(source), value.isFinite, !source.lowercased().contains("x") else {
          throw CohortError.syntax(place: index + 1, found: source, expected: "a number")
        }
        add(.number(value), to: last)
      } else if character.isLetter || character == "_" {
        add(
          .word(String(characters[index..<end(from: index) { $0.isLetter || $0.isNumber || $0 == "_" }])),
          to: end(from: index) { $0.isLetter || $0.isNumber || $0 == "_" })
      } else {
        let two = String(characters[index..<min(index + 2, characters.count)])
        let sign = ["<=", ">=", "<>", "!=", "=="].contains(two) ? two : String(character)
        guard ["<", ">", "=", "(", ")", ",", "<=", ">=", "<>", "!=", "=="].contains(sign) else {
          throw CohortError.syntax(
            place: index + 1, found: String(character),
            expected: "a column, a value, a comparison or a bracket")
        }
        add(.sign(sign), to: index + sign.count)
      }
    }
    tokens.append(CohortToken(kind: .end, place: characters.count + 1, source: "the end"))
    return tokens
  }

  /// What stands in quotes, which are doubled inside; and where it ends.
  private static func quoted(_ characters: [Character], from start: Int) throws -> (content: String, end: Int)
  {
    var content = ""
    var index = start + 1
    while index < characters.count {
      if characters[index] != characters[start] {
        content.append(characters[index])
        index += 1
      } else if index + 1 < characters.count, characters[index + 1] == characters[start] {
        content.append(characters[start])
        index += 2
      } else {
        return (content, index + 1)
      }
    }
    throw CohortError.syntax(
      place: start + 1, found: "\(characters[start]) without an end", expected: "another \(characters[start])"
    )
  }
}
