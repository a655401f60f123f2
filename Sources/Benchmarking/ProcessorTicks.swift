import Foundation

/// How much of the cores' time the host gives to others. Linux only.
package struct ProcessorTicks {
  private let stolen: Double
  private let all: Double

  /// Since the machine started.
  package init() {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let ticks = (text.split(separator: "\n").first ?? "").split(separator: " ").dropFirst().prefix(8)
      .compactMap { Double($0) }
    stolen = ticks.count == 8 ? ticks[7] : 0
    all = ticks.reduce(0, +)
  }

  /// Per cent of the cores' time that was taken away since `start`, one decimal.
  package func stealPercent(since start: ProcessorTicks) -> Double {
    let elapsed = all - start.all
    return elapsed > 0 ? (1000 * (stolen - start.stolen) / elapsed).rounded() / 10 : 0
  }
}
