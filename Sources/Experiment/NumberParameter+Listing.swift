import Foundations
import Reporting

extension NumberParameter {
  /// Below a strategy's, an attack's or a codec's name: the parameter, its default, range and meaning.
  var cells: [String] {
    ["", name, text(defaultValue), "\(text(range.lowerBound)) to \(text(range.upperBound))", meaning]
  }

  var json: JSONValue {
    .object([
      ("name", .string(name)), ("default", .number(defaultValue)), ("least", .number(range.lowerBound)),
      ("most", .number(range.upperBound)), ("meaning", .string(meaning)),
    ])
  }
}
