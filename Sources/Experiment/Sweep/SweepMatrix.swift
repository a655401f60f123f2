import Reporting

extension SweepTable {
  /// Attacks by what withstands them: what the honest sites lose, and which sites are named; nil for a grid without both.
  func matrices() -> String? {
    guard axes.first == .attack, axes.count > 1 else { return nil }
    return matrix("worst lost") { worstLost($0) } + matrix("most lost") { mostLost($0) }
      + matrix("named") { Self.named($0) }
      + "named: hostile sites that were suspected in half of the rounds or more, of all hostile ones; + honest ones.\n"
  }

  private func matrix(_ title: String, _ cell: ([SweepResult]) -> String) -> String {
    func unique(_ title: ([SweepResult]) -> String) -> [String] {
      groups.map(title).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let (attacks, defences) = (unique(attack), unique(defence))
    var table = TextTable(columns: [.text(title)] + defences.map { .number($0) })
    for attack in attacks {
      table.add(
        [attack]
          + defences.map { defence in
            groups.first { self.attack($0) == attack && self.defence($0) == defence }.map(cell) ?? ""
          })
    }
    return "\n" + table.rendered()
  }

  private func attack(_ group: [SweepResult]) -> String {
    group[0].cell.values[SweepAxis.attack.rawValue] ?? ""
  }

  /// The values of all other axes: a strategy's alone, another's with its name.
  private func defence(_ group: [SweepResult]) -> String {
    axes.dropFirst().map { axis in
      let value = group[0].cell.values[axis.rawValue] ?? ""
      return axis == .strategy ? value : "\(axis.rawValue)=\(value)"
    }.joined(separator: " ")
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
