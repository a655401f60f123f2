/// A number that a user may choose.
package struct NumberParameter: Sendable, Equatable {
  package let name: String
  package let defaultValue: Double
  package let range: ClosedRange<Double>
  package let meaning: String
  /// Whether only whole numbers are taken.
  package let isWhole: Bool

  package init(
    _ name: String, default value: Double, range: ClosedRange<Double>, isWhole: Bool = false, meaning: String
  ) {
    precondition(range.contains(value), "\(name): the default lies outside its range")
    self.name = name
    defaultValue = value
    self.range = range
    self.meaning = meaning
    self.isWhole = isWhole
  }

  /// A value of the parameter as it is written.
  package func text(_ value: Double) -> String { isWhole ? "\(Int(value))" : "\(value)" }

  /// The number that a word is; nil where the parameter does not take it.
  func value(_ word: String) -> Double? {
    guard let value = Double(word), range.contains(value) else { return nil }
    return isWhole && value.rounded() != value ? nil : value
  }

  var expectation: String {
    "a \(isWhole ? "whole " : "")number from \(text(range.lowerBound)) to \(text(range.upperBound))"
  }
}

/// Something chosen by its name, with numbers: `fedadam`, or `fedadam:eta=0.03,tau=0.001`.
package struct NamedChoice: Sendable, Equatable {
  package let name: String
  /// Only what was given.
  package let values: [String: Double]

  /// `kind` is what messages call it, such as `Strategy`; `listing` is the command that tells of all. Throws `ChoiceFault`.
  package init(
    _ text: String, kind: String, known: [(name: String, parameters: [NumberParameter])],
    listing: String = "segfed strategies"
  ) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let choice = known.first(where: { $0.name == parts[0] }) else {
      throw ChoiceFault.unknown(parts[0], kind: kind, known: known.map(\.name), listing: listing)
    }
    var values: [String: Double] = [:]
    for word in (parts.count > 1 ? parts[1] : "").split(separator: ",", omittingEmptySubsequences: true) {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let subject = "\(kind) \(choice.name)"
      guard let parameter = choice.parameters.first(where: { $0.name == pair[0] }) else {
        throw ChoiceFault.unknownParameter(pair[0], of: subject, known: choice.parameters.map(\.name))
      }
      guard values[parameter.name] == nil else { throw ChoiceFault.repeated(parameter.name, of: subject) }
      guard pair.count == 2, let value = parameter.value(pair[1]) else {
        throw ChoiceFault.value(
          pair.count == 2 ? pair[1] : "nothing", parameter: parameter.name, of: subject,
          expected: parameter.expectation,
          example: "\(choice.name):\(parameter.name)=\(parameter.text(parameter.defaultValue))")
      }
      values[parameter.name] = value
    }
    name = choice.name
    self.values = values
  }
}

/// What can be wrong with a choice that a user writes.
package enum ChoiceFault: DescribedError {
  case unknown(String, kind: String, known: [String], listing: String)
  case unknownParameter(String, of: String, known: [String])
  case repeated(String, of: String)
  case value(String, parameter: String, of: String, expected: String, example: String)

  package var description: String {
    switch self {
    case .unknown(let found, let kind, let known, let listing):
      "\(kind) \(found.isEmpty ? "without a name" : found) is not known, expected one of \(known.joined(separator: ", "))."
        + Spelling.suggestion(found, of: known) + " \(listing) tells what each does."
    case .unknownParameter(let found, let subject, let known):
      known.isEmpty
        ? "\(subject) has no parameters, found \(found). Leave it out."
        : "\(subject) has no parameter \(found), expected one of \(known.joined(separator: ", "))."
          + Spelling.suggestion(found, of: known)
    case .repeated(let parameter, let subject):
      "\(subject): \(parameter) is given twice, expected once. Leave one out."
    case .value(let found, let parameter, let subject, let expected, let example):
      "\(subject): \(parameter) is \(found), expected \(expected), such as \(example)."
    }
  }
}
