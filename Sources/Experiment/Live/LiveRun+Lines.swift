import Foundations
import Reporting
import Terminal

extension LiveRun {
  /// Columns from which on everything of the run stands in one line, and steps have a bar.
  private static let wide = 100
  /// Sites that have a line each, where the terminal is high enough.
  private static let mostSites = 12

  /// The run in lines of `size.columns - 1` or less. No meaning is in colours alone.
  package func lines(_ size: TerminalSize, now: Double) -> [StyledLine] {
    let columns = max(8, size.columns - 1)
    let head = columns >= Self.wide ? [headline(now: now)] : shortHeadlines(columns: columns, now: now)
    let foot = diceLine.map { [$0] } ?? []
    let room = max(1, min(Self.mostSites, size.rows - 2 - head.count - foot.count))
    return (head + siteLines(room: room, columns: columns) + foot).map { $0.clipped(toColumns: columns) }
  }

  private var title: String {
    let round = self.round == 0 ? "" : "round \(min(self.round, rounds)) of \(rounds)"
    let doing =
      switch phase {
      case .begins: "begins"
      case .trains: "trains"
      case .validates: "validates"
      case .tests: "tests"
      }
    return [part, round, doing].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private func bar(_ share: Double, cells: Int) -> String {
    let filled = min(cells, Int(share * Double(cells)))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
  }

  private var percent: String { "\(Int(100 * share)) %" }

  private func left(now: Double) -> String? {
    phase == .tests ? nil : secondsLeft(now: now).map { ProgressLine.clock($0) + " left" }
  }

  private var traffic: String? { bytes.map { ByteCount.text($0) + " exchanged" } }

  private func headline(now: Double) -> StyledLine {
    var line = StyledLine(title, .bold)
    line.add("  ")
    line.add(bar(share, cells: 24), .cyan)
    line.add("  " + [percent, left(now: now), traffic].compactMap { $0 }.joined(separator: "  "))
    return line
  }

  /// The same below each other, the bar as long as there is room.
  private func shortHeadlines(columns: Int, now: Double) -> [StyledLine] {
    let facts = [percent, left(now: now), traffic].compactMap { $0 }
    var lines = [StyledLine(title, .bold)]
    var line = StyledLine()
    let text = facts.prefix(2).joined(separator: "  ")
    let cells = min(24, columns - text.columnWidth - 2)
    if cells >= 4 { line.add(bar(share, cells: cells) + "  ", .cyan) }
    line.add(text)
    lines.append(line)
    if facts.count > 2 { lines.append(StyledLine(facts[2])) }
    return lines
  }

  private var diceLine: StyledLine? {
    guard let dice else { return nil }
    let last = "validation Dice \(NumberText.dice(dice))"
    guard let best, best.dice > dice else { return StyledLine(last) }
    return StyledLine(last + ", best \(NumberText.dice(best.dice)) in round \(best.round)")
  }

  // MARK: - Sites

  private func siteLines(room: Int, columns: Int) -> [StyledLine] {
    if phase == .begins || phase == .tests && !sites.contains(where: { $0.state != .apart }) { return [] }
    let shown = shown(room: room)
    let names = sites.filter { shown.contains($0.name) }
    let stepWidth = max(5, names.map { stepText($0).columnWidth }.max() ?? 0)
    let hasBar = columns >= Self.wide
    // The mark, then the columns behind the name with two spaces before each.
    let numbers = stepWidth + 2 + (hasBar ? 18 : 0) + 8 + 8
    let longest = max("site".columnWidth, names.map(\.name.columnWidth).max() ?? 0)
    let nameWidth = min(longest, max(6, columns - 2 - numbers))
    var lines = [titles(nameWidth: nameWidth, stepWidth: stepWidth, hasBar: hasBar)]
    for site in names {
      lines.append(self.line(site, nameWidth: nameWidth, stepWidth: stepWidth, hasBar: hasBar))
    }
    if shown.count < sites.count { lines.append(others(shown)) }
    return lines
  }

  /// Those at work first, then those that wait, that are done, that are not in the round.
  private func shown(room: Int) -> Set<String> {
    let lines = room - 1
    if sites.count <= lines { return Set(sites.map(\.name)) }
    let order: [Site.State] = [.trains, .leftOut, .waits, .trained, .apart]
    let sorted = order.flatMap { state in sites.filter { $0.state == state } }
    return Set(sorted.prefix(max(1, lines - 1)).map(\.name))
  }

  private func others(_ shown: Set<String>) -> StyledLine {
    let rest = sites.filter { !shown.contains($0.name) }
    func count(_ word: String, _ states: Site.State...) -> String? {
      let count = rest.count { states.contains($0.state) }
      return count > 0 ? "\(count) \(word)" : nil
    }
    let parts = [
      count("train", .trains), count("wait", .waits), count("trained", .trained), count("left out", .leftOut),
      count("not in the round", .apart),
    ]
    return StyledLine("  and \(rest.count) more: " + parts.compactMap { $0 }.joined(separator: ", "), .dim)
  }

  private func stepText(_ site: Site) -> String {
    switch site.state {
    case .apart: phase == .tests ? "" : "not asked"
    case .waits: "waits"
    case .leftOut: "left out"
    case .trained: site.steps > 0 ? "\(site.step)/\(site.steps)" : "trained"
    case .trains: "\(site.step)/\(site.steps)"
    }
  }

  private func titles(nameWidth: Int, stepWidth: Int, hasBar: Bool) -> StyledLine {
    StyledLine(
      "  " + "site".padded(toColumns: nameWidth) + "  " + "step".padded(toColumns: -stepWidth)
        + (hasBar ? String(repeating: " ", count: 18) : "") + "    loss    Dice", .dim)
  }

  private func line(_ site: Site, nameWidth: Int, stepWidth: Int, hasBar: Bool) -> StyledLine {
    let mark: (text: String, style: StyledLine.Style) =
      switch site.state {
      case .trains: ("▸ ", .cyan)
      case .trained: ("✓ ", .green)
      case .leftOut: ("✗ ", .yellow)
      case .waits, .apart: ("· ", .dim)
      }
    var line = StyledLine(mark.text, mark.style)
    line.add(site.name.clipped(toColumns: nameWidth).padded(toColumns: nameWidth))
    line.add("  " + stepText(site).padded(toColumns: -stepWidth))
    if hasBar {
      let share = site.steps > 0 ? Double(site.step) / Double(site.steps) : site.state == .trained ? 1 : 0
      line.add("  ")
      line.add(bar(share, cells: 16), mark.style)
    }
    line.add("  " + NumberText.fixed(site.loss, decimals: 4).padded(toColumns: -6))
    line.add("  " + NumberText.dice(site.dice).padded(toColumns: -6))
    return line
  }
}

extension String {
  /// With spaces up to as many columns: behind the text, or before it where the number is negative.
  fileprivate func padded(toColumns columns: Int) -> String {
    let space = String(repeating: " ", count: max(0, abs(columns) - columnWidth))
    return columns < 0 ? space + self : self + space
  }
}
