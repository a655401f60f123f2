import Foundations

/// Lines that appear one by one while a run goes on and still stand in columns.
package struct RoundLines: Sendable {
  private let regions: [String]
  private let siteWidth: Int
  private let roundWidth: Int

  /// The widths follow from what is known before the first round.
  package init(sites: [String], regions: [String], rounds: Int) {
    self.regions = regions
    siteWidth = max(4, sites.map(\.columnWidth).max() ?? 0)
    roundWidth = max(5, "\(rounds)".count)
  }

  /// The columns' titles, without a line feed. Dice is of validation cases.
  package var header: String {
    line(
      "round", "site", "steps", "loss", regions.map { "val " + $0 }, "seconds")
  }

  /// One site's line of one round, without a line feed.
  package func line(_ row: RoundRow) -> String {
    precondition(row.validationDice.count == regions.count)
    return line(
      "\(row.round)", row.site, "\(row.steps)", NumberText.fixed(row.loss, decimals: 4),
      row.validationDice.map { NumberText.dice($0) }, NumberText.fixed(row.seconds, decimals: 1))
  }

  private func line(
    _ round: String, _ site: String, _ steps: String, _ loss: String, _ dice: [String], _ seconds: String
  ) -> String {
    var cells = [
      round.padded(to: roundWidth, .right), site.padded(to: siteWidth, .left), steps.padded(to: 5, .right),
      loss.padded(to: 8, .right),
    ]
    for (name, cell) in zip(regions, dice) {
      cells.append(cell.padded(to: max(6, 4 + name.columnWidth), .right))
    }
    cells.append(seconds.padded(to: 7, .right))
    return cells.joined(separator: "  ")
  }
}
