import Foundation
import Study
import Testing

@Suite struct SiteCheckTests {
  @Test func countsLeaveTheSiteAndSmallOnesDoNot() throws {
    let folder = try StudyFolder(StudyFolder.text.replacing("age >= 18", with: "age BETWEEN 45 AND 64"))
    let aspen = try #require(try folder.check().checks.first { $0.site == "aspen" })
    // 40, 45 … 75 years: one below, three above.
    #expect(aspen.cohort?.included == (2...5).map { "aspen-00\($0)" })
    #expect(aspen.cohort?.excluded.map(\.name) == [1, 6, 7, 8].map { "aspen-00\($0)" })
    #expect(aspen.report.included == .fewerThan(5))
    #expect(aspen.report.excluded.map(\.cases) == [.fewerThan(5), .fewerThan(5)])
    #expect(aspen.report.found == nil)
    let open = try folder.check(leastCell: 1).checks.first { $0.site == "aspen" }
    #expect(open?.report.found == .exactly(8))
    #expect(open?.report.included == .exactly(4))
    #expect(open?.report.excluded.map(\.cases) == [.exactly(4), .fewerThan(1)])
    // Nothing in a report names a case.
    let text = String(decoding: try JSONEncoder().encode(aspen.report), as: UTF8.self)
    #expect(!text.contains("aspen-0"))
    #expect(try JSONDecoder().decode(SiteReport.self, from: Data(text.utf8)) == aspen.report)
  }

  @Test func rulesAskForScansToo() throws {
    for (rule, site, count) in [
      ("spacing_z >= 5", "birch", 7), ("spacing_z >= 5", "aspen", 0), ("label_4_ml > 0", "birch", 5),
      ("label_4_ml > 0", "cedar", 0),
      ("orientation = 'RAS' AND data_type LIKE 'int%'", "aspen", 8),
      ("contrasts LIKE '%t1ce%' AND voxels_x > 10 AND site <> 'rowan'", "rowan", 0),
    ] {
      let folder = try StudyFolder(
        StudyFolder.text.replacing("labelled = 1 AND spacing_z < 6", with: rule))
      let found = try folder.check().checks.first { $0.site == site }?.cohort?.included.count
      #expect(found == count, "\(rule) at \(site)")
    }
  }
}
