import Foundation

/// One field in which two JSON values differ.
package struct JSONDifference: Sendable, Equatable {
  /// Keys, and places in lists from 1, from the outermost on.
  package let path: [String]
  /// In few words.
  package let found: String
  package let expected: String

  package init(path: [String], found: String, expected: String) {
    (self.path, self.found, self.expected) = (path, found, expected)
  }

  package var field: String { path.joined(separator: ", ") }

  /// All of them in order of the keys, `first` before any other key; a value on one side alone is `not given` on the other.
  ///
  /// `found` and `expected` are what `JSONSerialization` makes of JSON.
  package static func all(_ found: Any, _ expected: Any, first: String? = nil) -> [JSONDifference] {
    all(found, expected, first: first, below: [])
  }

  private static func all(
    _ found: Any, _ expected: Any, first: String?, below path: [String]
  ) -> [JSONDifference] {
    if let found = found as? [String: Any], let expected = expected as? [String: Any] {
      let keys = Set(found.keys).union(expected.keys)
      return keys.sorted { $0 != first && $1 != first ? $0 < $1 : $0 == first }.flatMap { key in
        all(found[key] ?? NSNull(), expected[key] ?? NSNull(), first: first, below: path + [key])
      }
    }
    if let found = found as? [Any], let expected = expected as? [Any], found.count == expected.count {
      return zip(found, expected).enumerated().flatMap { index, pair in
        all(pair.0, pair.1, first: first, below: path + ["\(index + 1)"])
      }
    }
    if (found as? NSObject) == (expected as? NSObject) { return [] }
    return [JSONDifference(path: path, found: text(found), expected: text(expected))]
  }

  private static func text(_ value: Any) -> String {
    if value is NSNull { return "not given" }
    if let value = value as? String { return value }
    guard JSONSerialization.isValidJSONObject([value]),
      let data = try? JSONSerialization.data(
        withJSONObject: [value], options: [.sortedKeys, .withoutEscapingSlashes])
    else { return "\(value)" }
    return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast().prefix(120))
  }
}
