import Reporting

/// Wall and process CPU times of the same work, done again and again.
package struct TimeSamples: Sendable, Equatable {
  /// Milliseconds.
  package private(set) var wall: [Double] = []
  package private(set) var processor: [Double] = []

  package init() {}

  /// Runs `body` once and keeps its times. CPU time adds the threads up.
  package mutating func time(_ body: () throws -> Void) rethrows {
    let watch = Stopwatch()
    try body()
    wall.append(1000 * watch.seconds)
    processor.append(1000 * watch.processorSeconds)
  }

  /// Runs `body` `steps` times and keeps the mean of its times.
  package mutating func time(steps: Int, _ body: () throws -> Void) rethrows {
    let watch = Stopwatch()
    for _ in 0..<steps { try body() }
    wall.append(1000 * watch.seconds / Double(steps))
    processor.append(1000 * watch.processorSeconds / Double(steps))
  }

  package var wallMedian: Double { Self.median(wall) }
  package var wallMinimum: Double { wall.min() ?? .nan }
  package var processorMedian: Double { Self.median(processor) }

  /// The middle value, or the mean of the two in the middle; not a number where there is none.
  package static func median(_ values: [Double]) -> Double {
    if values.isEmpty { return .nan }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  package var json: JSONValue {
    func summary(_ values: [Double]) -> JSONValue {
      .object([
        ("median", .rounded(Self.median(values))), ("minimum", .rounded(values.min() ?? .nan)),
      ])
    }
    return .object([
      ("wall_ms", summary(wall)), ("cpu_ms", summary(processor)), ("repetitions", .integer(wall.count)),
    ])
  }
}

extension JSONValue {
  /// A number with three decimals.
  static func rounded(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
}
