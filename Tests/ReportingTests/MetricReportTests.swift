import Foundation
import Reporting
import Testing

struct MetricReportTests {
  private static func statistics(_ mean: Double?, cases: Int = 3, undefined: Int = 0, infinite: Int = 0)
    -> MetricStatistics
  {
    MetricStatistics(
      cases: cases, undefined: undefined, infinite: infinite, mean: mean, median: mean,
      deviation: mean.map { $0 / 10 })
  }

  private static let report: ScoreReport = {
    let metrics = MetricReport(
      convention: "monai", rules: "monai (MONAI 1.6), surface Dice at 1 mm",
      metrics: [.init(key: "dice", title: "Dice"), .init(key: "hd95_mm", title: "HD95 mm")],
      regions: ["WT", "edema"],
      overall: [
        [statistics(0.5), statistics(nil, infinite: 1)],
        [statistics(0.25, cases: 2, undefined: 1), statistics(4)],
      ],
      sites: [
        [
          [statistics(0.5), statistics(nil, infinite: 1)],
          [statistics(0.25, cases: 2, undefined: 1), statistics(4)],
        ]
      ])
    return ScoreReport(
      regions: ["WT"], sites: [SiteRow(site: "Alpha", cases: 3, steps: 120, dice: [0.5])],
      meanOverCases: [0.5], meanOverSites: [0.5], worstSite: nil, model: "last model (round 1)",
      diceConvention: "convention monai: left out", metrics: metrics)
  }()

  @Test func everyTableNamesItsConvention() {
    let text = Self.report.text()
    #expect(
      text.hasSuffix(
        """
        Dice on the test cases, last model (round 1); convention monai: left out.

        all cases               WT
        ──────────────────────────
        Dice       0.5000 ± 0.0500
        HD95 mm                  ∞
        Mean ± standard deviation over test cases (their number where some have no value); convention monai (MONAI 1.6), surface Dice at 1 mm.

        """))
  }

  @Test func filesHoldEveryRegionAndLabel() throws {
    let lines = Self.report.csv().split(whereSeparator: \.isNewline).map(String.init)
    #expect(
      lines[0]
        == "site,cases,steps,dice_WT,dice_WT_mean,dice_WT_median,dice_WT_deviation,hd95_mm_WT_mean,hd95_mm_WT_median,"
        + "hd95_mm_WT_deviation,dice_edema_mean,dice_edema_median,dice_edema_deviation,hd95_mm_edema_mean,"
        + "hd95_mm_edema_median,hd95_mm_edema_deviation")
    #expect(lines[1] == "Alpha,3,120,0.5,0.5,0.5,0.05,inf,,,0.25,0.25,0.025,4.0,4.0,0.4")
    let json = MetricsDocument(mode: "local", scores: Self.report, bandwidth: nil).json()
    let object = try JSONSerialization.jsonObject(with: Data(json.rendered().utf8))
    func value(_ path: String) -> Any? {
      path.split(separator: ".").reduce(object as Any?) { ($0 as? [String: Any])?[String($1)] }
    }
    #expect(value("convention") as? String == "monai")
    #expect(value("overall.metrics.WT.hd95_mm.mean") is NSNull)
    #expect(value("overall.metrics.WT.hd95_mm.infinite") as? Int == 1)
    #expect(value("sites.Alpha.metrics.edema.hd95_mm.median") as? Double == 4)
    #expect(value("sites.Alpha.metrics.edema.dice.undefined") as? Int == 1)
  }
}
