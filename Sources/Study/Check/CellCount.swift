/// A number of cases as it may leave a site: a small one is told as "fewer than", since it may point at a person.
package enum CellCount: Sendable, Equatable, CustomStringConvertible {
  case exactly(Int)
  case fewerThan(Int)

  /// `least` is the smallest number that is told (`--min-cell`).
  package init(_ count: Int, least: Int) {
    self = count < least ? .fewerThan(least) : .exactly(count)
  }

  package var description: String {
    switch self {
    case .exactly(let count): "\(count)"
    case .fewerThan(let least): "<\(least)"
    }
  }

  /// The least that it can be.
  package var atLeast: Int { if case .exactly(let count) = self { count } else { 0 } }
}

extension CellCount: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let count = try? container.decode(Int.self), count >= 0 {
      self = .exactly(count)
      return
    }
    let text = try container.decode(String.self)
    guard text.hasPrefix("<"), let least = Int(text.dropFirst()), least > 0 else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "neither a count nor <n")
    }
    self = .fewerThan(least)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .exactly(let count): try container.encode(count)
    case .fewerThan: try container.encode(description)
    }
  }
}
