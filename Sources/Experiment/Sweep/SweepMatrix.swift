import Reporting

extension SweepTable {
  /// Attacks by strategies: what the honest sites lose, and which sites are named; nil for a grid of other axes.
  func matrices() -> String? {
    guard axes == [.attack, .strategy] else { return nil }
    return matrix("most lost") { mostLost($0) } + matrix("named") { Self.named($0) }
      + "named: hostile sites that were suspected in half of the rounds or more, of all hostile ones; + honest ones.\n"
  }

  private func matrix(_ title: String, _ cell: ([SweepResult]) -> String) -> String {
    func values(_ axis: SweepAxis) -> [String] {
      groups.map { $0[0].cell.values[axis.rawValue] ?? "" }.reduce(into: []) {
        if !$0.contains($1) { $0.append($1) }
      }
    }
    let (attacks, strategies) = (values(.attack), values(.strategy))
    var table = TextTable(columns: [.text(title)] + strategies.map { .number($0) })
    for attack in attacks {
      table.add(
        [attack]
          + strategies.map { strategy in
            groups.first { $0[0].cell.group.starts(with: [attack, strategy]) }.map(cell) ?? ""
          })
    }
    return "\n" + table.rendered()
  }

  /// Of all seeds' runs together.
  private static func named(_ group: [SweepResult]) -> String {
    let right = group.reduce(0) { sum, result in
      sum + result.named.filter { result.hostile.contains($0) }.count
    }
    let wrong = group.reduce(0) { $0 + $1.named.count } - right
    let hostile = group.reduce(0) { $0 + $1.hostile.count }
    return "\(right)/\(hostile)" + (wrong > 0 ? " + \(wrong)" : "")
  }
}
