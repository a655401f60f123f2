import Foundation
import Reporting
import Testing

struct MetricsDocumentTests {
  @Test func goldenDocument() {
    let report = ScoreReport(
      regions: ["WT"], sites: [SiteRow(site: "Alpha", cases: 3, steps: 120, dice: [nil])],
      meanOverCases: [nil], meanOverSites: [nil], worstSite: nil, model: "last model (round 1)",
      diceConvention: "left out")
    let document = MetricsDocument(mode: "local", scores: report, bandwidth: nil)
    #expect(
      document.json().rendered() == """
        {
          "schema_version": 1,
          "mode": "local",
          "model": "last model (round 1)",
          "dice_convention": "left out",
          "overall": {
            "cases": 3,
            "dice": {
              "WT": null
            },
            "dice_by_site_mean": {
              "WT": null
            }
          },
          "sites": {
            "Alpha": {
              "cases": 3,
              "steps": 120,
              "dice": {
                "WT": null
              }
            }
          },
          "worst_site": null,
          "skipped_cases": {},
          "early_stopping": null,
          "left_out": {},
          "suspected": {},
          "excluded": {},
          "not_tested": {},
          "bandwidth": null
        }

        """)
  }

  @Test func sitesThatDidNotDoAsTheOthersAreNamed() throws {
    let notices = SiteNotices(
      leftOut: [.init(site: "birch", rounds: [2, 5], reason: "Site birch, round 2: no answer.")],
      suspected: [.init(site: "cedar", rounds: [1], reason: "norm 9 is 3 times the median of 3")],
      excluded: [.init(site: "cedar", rounds: [4, 5], reason: "Site cedar, round 4: it is excluded.")],
      untested: [.init(site: "hazel", rounds: [], reason: "Site hazel, round 5: no answer.")], rounds: 5)
    #expect(
      notices.text == """
        birch was left out of 2 of 5 rounds, first: Site birch, round 2: no answer.
        cedar's update was suspicious in 1 of 5 rounds, first: norm 9 is 3 times the median of 3.
        cedar was excluded from round 4 on: Site cedar, round 4: it is excluded.
        hazel was not tested: Site hazel, round 5: no answer.
        """)
    #expect(SiteNotices.none.text == nil)
    let json = MetricsDocument(
      mode: "federated", scores: sampleScores, bandwidth: nil, notices: notices
    ).json().rendered()
    #expect(
      json.replacing(/\s+/, with: " ").contains(#""left_out": { "birch": { "rounds": [ 2, 5 ], "reason": "#))
  }

  @Test func pathsThatScriptsCountOn() throws {
    let json = MetricsDocument(mode: "federated", scores: sampleScores, bandwidth: sampleBandwidth).json()
    let object = try JSONSerialization.jsonObject(with: Data(json.rendered().utf8))
    func value(_ path: String) -> Any? {
      path.split(separator: ".").reduce(object as Any?) { ($0 as? [String: Any])?[String($1)] }
    }
    #expect(value("schema_version") as? Int == 1)
    #expect(value("overall.dice.WT") as? Double == 0.85375)
    #expect(value("overall.dice_by_site_mean.TC") as? Double == 0.71)
    #expect(value("sites.Alpha.dice.WT") as? Double == 0.91)
    #expect(value("sites.Bravo.dice.TC") is NSNull)
    #expect(value("sites.Charlie.cases") as? Int == 4)
    #expect(value("worst_site") as? String == "Bravo")
    #expect(value("bandwidth.down_bytes") as? Int == 8_000_000)
    #expect(value("bandwidth.up_bytes") as? Int == 4_400_000)
    #expect(value("bandwidth.total_bytes") as? Int == 12_400_000)
    #expect(value("bandwidth.scan_bytes_compressed") as? Int == 4_000_000)
    #expect(value("bandwidth.scan_bytes_uncompressed") as? Int == 20_000_000)
    #expect(abs((value("bandwidth.saving_compressed") as? Double ?? 0) + 2.1) < 1e-12)
    #expect(abs((value("bandwidth.saving_uncompressed") as? Double ?? 0) - 0.38) < 1e-12)
    #expect(value("bandwidth.sites.Alpha.total_bytes") as? Int == 6_000_000)
  }
}
