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

  /// What only one or two cases have would tell of them; with the sum of all, so would what few have not.
  @Test func smallNumbersFollowFromNoOthers() throws {
    let folder = try StudyFolder()
    let reports = try folder.check().checks.map(\.report)
    // Of birch's 7 cases 5 have an enhancing tumour.
    #expect(reports.first { $0.site == "birch" }?.labelCases == [.exactly(7), .exactly(7), .fewerThan(7)])
    let strict = try folder.check(leastCell: 7).checks.map(\.report)
    #expect(strict.first { $0.site == "hazel" }?.profile == nil)
    #expect(strict.first { $0.site == "birch" }?.profile?.labels[2] == [nil, nil, nil, nil])
    #expect(strict.first { $0.site == "birch" }?.profile?.labels[0][0] != nil)
  }

  @Test func rulesMayBeMany() throws {
    let long = (0..<150).map { "site <> 'x\($0)'" }.joined(separator: " AND ")
    for rule in [long, "label_ml > 1 AND LABEL_ML < 1000 AND label_1_ml >= 0"] {
      let folder = try StudyFolder(
        StudyFolder.text.replacing("labelled = 1 AND spacing_z < 6", with: rule).replacing(
          "age >= 18", with: "label_ml > 0"))
      #expect(try folder.check().study.problems.isEmpty, "\(rule)")
    }
  }

  @Test func tablesOfParticipantsAreTakenAtTheirWord() throws {
    let folder = try StudyFolder()
    // One table for all sites, which count their patients alike: each has its own rows.
    try folder.participants("birch") { text in
      text.replacing("sex\n", with: "sex\tsite\n").replacing("F\n", with: "F\tbirch\n").replacing(
        "M\n", with: "M\tbirch\n")
        + "birch-001\t12\tF\taspen\n"
    }
    #expect(try folder.check().study.problems.isEmpty)
    for (change, says): (@Sendable (String) -> String, String) in [
      ({ $0 + "birch-001\t50\tM\tbirch\n" }, "participant_id: found two rows of one case"),
      ({ $0.replacing("age", with: "rowid") }, "rowid: found a column that scans have too"),
      ({ $0.replacing("participant_id", with: "patient") }, "participant_id: found no such column"),
    ] {
      let own = try StudyFolder()
      try own.participants("birch") {
        change(
          $0.replacing("sex\n", with: "sex\tsite\n").replacing("F\n", with: "F\tbirch\n").replacing(
            "M\n", with: "M\tbirch\n"))
      }
      #expect {
        _ = try own.check()
      } throws: { "\($0)".contains(says) && "\($0)".contains("participants.tsv") }
    }
  }

  /// A scan that cannot be read is a fault of its case, and the others are looked at.
  @Test func unreadableScansAreCounted() throws {
    let folder = try StudyFolder()
    let path = try folder.own("birch", "birch-001")
    try Data("no scan".utf8).write(to: URL(fileURLWithPath: path + "/birch-001_t1.nii.gz"))
    let (checks, study) = try folder.check()
    // Its voxel size is not known, so the rule does not hold.
    #expect(checks.first { $0.site == "birch" }?.cohort?.excluded.map(\.name) == ["birch-001"])
    #expect(study.problems.isEmpty)
    try Data("no scan".utf8).write(
      to: URL(fileURLWithPath: try folder.own("birch", "birch-002") + "/birch-002_flair.nii.gz"))
    let second = try folder.check()
    #expect(
      second.study.problems == ["birch: cases: found files that cannot be read in <5 cases, expected none"])
    #expect(second.checks.first { $0.site == "birch" }?.faults.contains { $0.name == "birch-002" } == true)
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
