import Foundation
import TestSupport
import Testing

/// `segfed report --site`, after a run that has hardly learned: what is in the page, and what it refuses.
@Suite struct SiteReportTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  /// A copy of a run whose site hazel has three test cases.
  private func heldOut() throws -> String {
    let run = folder.file("run")
    try FileManager.default.copyItem(atPath: HeldOutRun.shared.get().path, toPath: run)
    return run
  }

  private func report(_ run: String, _ site: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(["report", run, "--site", site, "--threads", "2", "--quiet"] + more)
  }

  private func page(_ run: String, site: String) throws -> SitePage {
    try SitePage(run + "/sites/\(site)/report.html")
  }

  @Test func bestMedianAndWorstAreThoseOfTheTable() throws {
    let run = try heldOut()
    let before = try RunContents(run)
    let outcome = try report(run, "hazel")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == run + "/sites/hazel/report.html\n")
    #expect(try RunContents(run).names.subtracting(before.names) == ["sites/hazel/report.html"])
    #expect(try RunContents(run).difference(from: before) == ["sites/hazel/report.html"])
    let page = try page(run, site: "hazel")
    let ranked = try SitePage.ranked(run + "/sites/hazel/metrics.csv")
    #expect(ranked.count == 3)
    #expect(page.case(of: "best-case") == ranked[0])
    #expect(page.case(of: "median-case") == ranked[1])
    #expect(page.case(of: "worst-case") == ranked[2])
    #expect(!page.html.contains("cannot be shown. "))
    // Outlines, errors, uncertainty, a map for each region; every one of them in words too.
    #expect(page.alternatives.count { $0.hasPrefix("Case ") } == 3 * 6)
    #expect(page.alternatives.allSatisfy { !$0.isEmpty } && page.alternatives.count == page.images)
    // Made anew when asked again, and to the same bytes.
    #expect(try report(run, "hazel").code == 0)
    #expect(try self.page(run, site: "hazel").html == page.html)
  }

  @Test func viewerIsToldWhatItsAtlasesHold() throws {
    let run = try heldOut()
    #expect(try report(run, "hazel").code == 0)
    let viewers = try page(run, site: "hazel").viewers()
    #expect(viewers.count == 3)
    for viewer in viewers {
      let names = (viewer["contrasts"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
      #expect(names == ["t1", "t1ce", "t2", "flair"])
      #expect(viewer["regions"] as? [String] == ["WT", "TC", "ET"])
      #expect((viewer["planes"] as? [[String: Any]])?.compactMap { $0["name"] as? String }.count == 3)
      let size = try #require(viewer["size"] as? [Int])
      let focus = try #require(viewer["focus"] as? [Int])
      #expect(zip(size, focus).allSatisfy { $1 >= 0 && $1 < $0 } && viewer["thinning"] as? Int == 1)
    }
  }

  /// A case whose file is gone and one whose file is damaged are named, and the third is shown.
  @Test func goesOnWithoutBadCases() throws {
    let run = try heldOut()
    let data = try sites.copy(to: folder)
    let gone = "\(data)/hazel/hazel-001/hazel-001_t1.nii.gz"
    let damaged = "\(data)/hazel/hazel-003/hazel-003_t2.nii.gz"
    try FileManager.default.removeItem(atPath: gone)
    try Data("nothing".utf8).write(to: URL(fileURLWithPath: damaged))
    let outcome = try report(run, "hazel", "--data", data)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try page(run, site: "hazel")
    #expect(page.html.components(separatedBy: "This case cannot be shown. ").count == 3)
    #expect(page.html.contains("hazel-001: missing") || page.html.contains("data/hazel/hazel-001"))
    #expect(page.html.contains("hazel-003_t2.nii.gz"))
    #expect(try page.viewers().count == 1)
  }

  @Test func showsPredictionsAloneWithoutLabelMaps() throws {
    let run = try heldOut()
    let data = try sites.copy(to: folder)
    for file in FileManager.default.subpaths(atPath: data) ?? [] where file.contains("_seg.") {
      try FileManager.default.removeItem(atPath: data + "/" + file)
    }
    let outcome = try report(run, "hazel", "--data", data)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try page(run, site: "hazel")
    #expect(page.html.contains("has no label map of this case"))
    #expect(page.alternatives.count { $0.hasPrefix("Case ") } == 3 * 5)
    #expect(!page.html.contains("-errors\"") && page.html.contains("Grad-CAM of WT"))
    #expect(try page.viewers().allSatisfy { $0["hasReference"] as? Bool == false })
  }

  /// Files with labels moved tell that they are not what was tested.
  @Test func otherFilesThanTestedAreTold() throws {
    let run = try heldOut()
    let table = run + "/sites/hazel/metrics.csv"
    let text = try String(contentsOfFile: table, encoding: .utf8)
    let changed = text.replacing(/(hazel-002,WT),[0-9.e-]+/) { "\($0.output.1),0.9999" }
    #expect(text != changed)
    try changed.write(toFile: table, atomically: true, encoding: .utf8)
    #expect(try report(run, "hazel").code == 0)
    #expect(try page(run, site: "hazel").html.contains("and 0.9999 in metrics.csv"))
  }

  @Test func picturesHaveOnePlane() throws {
    let slices = try TinySites.slices.get()
    let run = folder.file("run")
    #expect(try slices.train(output: run).code == 0)
    let outcome = try report(run, "birch")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try page(run, site: "birch")
    #expect(page.case(of: "the-one-test-case") != nil)
    let viewer = try #require(try page.viewers().first)
    #expect((viewer["planes"] as? [[String: Any]])?.map { $0["name"] as? String } == ["picture"])
  }

  /// Whatever a folder is called, it is text in the page.
  @Test func namesAreText() throws {
    let data = folder.file("data")
    let names = [
      "<script>alert(1)<img src=x onerror=alert(2)>", "a\"\u{301} onclick=alert(3) b='c&d<!--{{title}}",
      String(repeating: "long", count: 50) + "שלום",
    ]
    for (index, name) in names.enumerated() {
      let target = "\(data)/hazel/\(name)"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      try TinySites.copy(case: "\(sites.data)/hazel/hazel-00\(index + 1)", to: target)
    }
    try FileManager.default.copyItem(atPath: sites.data + "/birch", toPath: data + "/birch")
    let run = folder.file("run")
    let trained = try SegfedProcess.run(
      "train", "--data", data, "--output", run, "--plan", sites.plan, "--hold-out-site", "hazel", "--quiet")
    #expect(trained.code == 0, "\(trained.errors)")
    let outcome = try report(run, "hazel")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try page(run, site: "hazel")
    #expect(!page.html.contains("<script>alert") && !page.html.contains("<img src=x"))
    // No quote of a name's is one of the page's, whatever mark joins it.
    #expect(Data(page.html.utf8).range(of: Data("\"\u{301}".utf8)) == nil)
    #expect(!page.html.contains("b='c") && page.html.contains("&lt;script&gt;alert(1)"))
    #expect(page.html.contains("{{title}}") && page.html.contains("שלום"))
    #expect(page.images == page.alternatives.count)
    #expect(try page.viewers().count == 3)
  }

  /// A site that is a process of its own has its half of the run, and its cases.
  @Test func siteOfItsOwnWritesItsReport() throws {
    let apart = try SiteProcesses()
    let processes = try ["birch", "hazel"].map { try apart.site($0) }
    #expect(try apart.coordinator("apart").wait(seconds: 120).code == 0)
    for process in processes { #expect(try process.wait(seconds: 60).code == 0) }
    let own = apart.folder.file("at-birch")
    Refusal.check(try report(own, "birch"), names: "--data", says: ["birch"])
    #expect(!Refusal.exists(own + "/sites/birch/report.html"))
    let outcome = try report(own, "birch", "--data", apart.sites.data + "/birch")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try page(own, site: "birch").viewers().count == 1)
  }

  @Test func refusals() throws {
    let run = try heldOut()
    let page = run + "/sites/hazel/report.html"
    Refusal.check(
      try report(run, "nowhere"), names: "--site nowhere", says: ["no such site", "birch, hazel"])
    Refusal.check(try report(run, "../../etc"), names: "--site ../../etc", says: ["no such site"])
    Refusal.check(try report(folder.file("none"), "hazel"), names: folder.file("none") + "/config.yaml")
    Refusal.check(
      try report(run, "hazel", "--data", folder.file("nothing")), names: folder.file("nothing"))
    Refusal.check(
      try report(run, "hazel", "--output", run + "/config.yaml"), names: "config.yaml",
      says: ["already exists"])
    // As a run is that was cut off: no scores, then no model.
    try FileManager.default.removeItem(atPath: run + "/metrics.json")
    let table = try Data(contentsOf: URL(fileURLWithPath: run + "/sites/hazel/metrics.csv"))
    try FileManager.default.removeItem(atPath: run + "/sites/hazel/metrics.csv")
    Refusal.check(try report(run, "hazel"), names: run, says: ["sites/hazel/metrics.csv", "--resume"])
    try table.write(to: URL(fileURLWithPath: run + "/sites/hazel/metrics.csv"))
    for name in ["coordinator", "sites/hazel"] {
      try? FileManager.default.removeItem(atPath: "\(run)/\(name)/model.safetensors")
    }
    Refusal.check(try report(run, "hazel"), names: run, says: ["found no model"])
    #expect(!Refusal.exists(page))
  }

  @Test(arguments: [
    ["--site", "a", "--no-data"], ["other", "--site", "a"], ["--site", "a", "--format", "csv"],
  ]) func badUsage(_ more: [String]) throws {
    #expect(try SegfedProcess.run(["report", "run"] + more).code == 64)
  }
}

/// A run whose site hazel was in no round: all of its three cases are test cases. Read only.
private struct HeldOutRun {
  static let shared = Result { try HeldOutRun() }

  private let folder: TemporaryFolder
  var path: String { folder.file("run") }

  private init() throws {
    folder = try TemporaryFolder()
    let outcome = try TinySites.shared.get().train(
      output: folder.file("run"), "--hold-out-site", "hazel", "--quiet")
    try #require(outcome.code == 0, "\(outcome.errors)")
  }
}

/// A site's report as it was written.
private struct SitePage {
  let html: String

  init(_ path: String) throws { html = try String(contentsOfFile: path, encoding: .utf8) }

  var images: Int { html.components(separatedBy: "<img ").count - 1 }

  /// The alternative text of each picture that has one.
  var alternatives: [String] {
    html.matches(
      of: /<img src="data:image\/png;base64,[A-Za-z0-9+\/=]+" width="\d+" height="\d+" alt="([^"]*)">/
    )
    .map { String($0.1) }
  }

  /// The case that a section is of.
  func `case`(of section: String) -> String? {
    guard let start = html.range(of: "<section id=\"\(section)\"") else { return nil }
    return html[start.upperBound...].firstMatch(of: /<dt>Case<\/dt><dd><bdi>([^<]*)<\/bdi>/).map {
      String($0.1)
    }
  }

  /// What each viewer is told.
  func viewers() throws -> [[String: Any]] {
    try html.matches(of: /data-about="([^"]*)"/).map { match in
      var text = String(match.1)
      for (escape, character) in [
        ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&amp;", "&"),
      ] {
        text = text.replacingOccurrences(of: escape, with: character)
      }
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
  }

  /// Cases of a table, best mean over the regions first.
  static func ranked(_ table: String) throws -> [String] {
    let lines = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\r\n").dropFirst()
    var dice: [String: [Double]] = [:]
    for fields in lines.map({ $0.split(separator: ",", omittingEmptySubsequences: false) })
    where ["WT", "TC", "ET"].contains(fields[1]) {
      if let value = Double(fields[2]) { dice[String(fields[0]), default: []].append(value) }
    }
    let means = dice.mapValues { $0.reduce(0, +) / Double($0.count) }
    return means.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }
}
