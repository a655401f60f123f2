/// What a chart's axis measures, and over which range.
package struct Axis: Sendable, Equatable {
  package enum Scale: Sendable, Equatable {
    case linear
    /// Of base 10; values above 0 alone.
    case logarithmic
  }

  package enum Kind: Sendable, Equatable {
    /// `range` is widened to round numbers; nil: what the marks take, 0 too where `fromZero`.
    case numbers(Scale, range: ClosedRange<Double>?, fromZero: Bool)
    /// One place for each, in order: from the left, or from the top.
    case names([String])
  }

  /// What it is, without the unit.
  package let title: String
  /// Such as `MB`; nil: a number without one.
  package let unit: String?
  package let kind: Kind
  /// Whether values are counts, of which there are no fractions.
  package let isWhole: Bool

  package static func numbers(
    _ title: String, unit: String? = nil, range: ClosedRange<Double>? = nil, fromZero: Bool = false,
    isWhole: Bool = false
  ) -> Axis {
    Axis(
      title: title, unit: unit, kind: .numbers(.linear, range: range, fromZero: fromZero), isWhole: isWhole)
  }

  package static func logarithmic(_ title: String, unit: String? = nil) -> Axis {
    Axis(title: title, unit: unit, kind: .numbers(.logarithmic, range: nil, fromZero: false), isWhole: false)
  }

  package static func names(_ title: String, _ names: [String]) -> Axis {
    Axis(title: title, unit: nil, kind: .names(names), isWhole: false)
  }

  /// As it stands beside the axis.
  package var label: String { unit.map { "\(title) [\($0)]" } ?? title }

  package var names: [String]? {
    if case .names(let names) = kind { return names }
    return nil
  }
}
