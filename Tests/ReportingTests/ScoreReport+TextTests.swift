import Reporting
import Testing

struct ScoreReportTextTests {
  @Test func finalTable() {
    #expect(
      sampleScores.text() == """
        site             cases  steps      WT      TC
        ─────────────────────────────────────────────
        Alpha                3    120  0.9100  0.8000
        Bravo                1    120  0.7000       –  ◂ worst
        Charlie              4      –  0.8500  0.6200
        ─────────────────────────────────────────────
        mean over cases      8    240  0.8538  0.6971
        mean over sites                0.8200  0.7100
        Dice on the test cases, last model (round 12); cases without the region are left out.
        Worst site: Bravo (least mean over its regions).

        """)
  }

  @Test func oneSiteIsNotTheWorst() {
    let report = ScoreReport(
      regions: ["cell"], sites: [SiteRow(site: "A", cases: 2, steps: 5, dice: [0.5])], meanOverCases: [0.5],
      meanOverSites: [0.5], worstSite: "A", model: "best-validation model (round 3)",
      diceConvention: "both empty counts as 1")
    #expect(!report.text().lowercased().contains("worst"))
    #expect(report.text().hasSuffix("best-validation model (round 3); both empty counts as 1.\n"))
  }

  @Test func csv() {
    #expect(
      sampleScores.csv()
        == [
          "site,cases,steps,dice_WT,dice_TC", "Alpha,3,120,0.91,0.8", "Bravo,1,120,0.7,",
          "Charlie,4,,0.85,0.62",
          "mean over cases,8,,0.85375,0.69714", "mean over sites,,,0.82,0.71",
        ].map { $0 + "\r\n" }.joined())
  }

  @Test func leaveOneOut() {
    #expect(
      LeaveOneOutReport(scores: sampleScores).text() == """
        held-out site    cases      WT      TC
        ──────────────────────────────────────
        Alpha                3  0.9100  0.8000
        Bravo                1  0.7000       –  ◂ worst
        Charlie              4  0.8500  0.6200
        ──────────────────────────────────────
        mean over cases      8  0.8538  0.6971
        mean over sites         0.8200  0.7100
        Dice on every case of the held-out site, trained on the others, last model (round 12); \
        cases without the region are left out.

        """)
  }
}
