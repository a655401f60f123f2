import Foundation
import Foundations

/// A JSON value whose objects keep the order of their keys, so that equal values give equal bytes.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Written with the fewest digits that read back equal; not finite is written as null.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case members([Member])

  package struct Member: Sendable, Equatable {
    package let key: String
    package let value: JSONValue
  }

  /// A number, or null for nil.
  package static func number(_ value: Double?) -> JSONValue {
    guard let value else { return .null }
    return .number(value as Double)
  }

  package static func string(_ value: String?) -> JSONValue {
    guard let value else { return .null }
    return .string(value as String)
  }

  /// An object of keys in the order given; they must differ.
  package static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    precondition(Set(members.map(\.0)).count == members.count, "two members have one key")
    return .members(members.map { Member(key: $0.0, value: $0.1) })
  }

  /// JSON text, indented by two spaces a level and ended by a line feed.
  package func rendered() -> String { text(indent: "") + "\n" }

  /// JSON text in one line, without a line feed.
  package func renderedInOneLine() -> String { text(indent: nil) }

  private func text(indent: String?) -> String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return "\(value)"
    case .number(let value): return value.isFinite ? "\(value)" : "null"
    case .string(let value): return JSONText.quoted(value)
    case .array(let values):
      return Self.list(values.map { ("", $0) }, "[", "]", indent)
    case .members(let members):
      return Self.list(members.map { (JSONText.quoted($0.key) + ": ", $0.value) }, "{", "}", indent)
    }
  }

  private static func list(
    _ items: [(prefix: String, value: JSONValue)], _ open: String, _ close: String, _ indent: String?
  ) -> String {
    if items.isEmpty { return open + close }
    guard let indent else {
      return open + items.map { $0.prefix + $0.value.text(indent: nil) }.joined(separator: ", ") + close
    }
    let inner = indent + "  "
    let lines = items.map { inner + $0.prefix + $0.value.text(indent: inner) }
    return open + "\n" + lines.joined(separator: ",\n") + "\n" + indent + close
  }
}
