import Foundation
import Foundations
import Imaging
import Inspection
import Reporting
import TestSupport
import Testing

@Suite struct InspectionTests {
  private func request(_ sites: PlantedSites, threads: Int = 2) -> Inspection.Request {
    .init(data: sites.data, output: sites.output, threads: threads, isQuiet: true)
  }

  private func files(below path: String) throws -> [String: Data] {
    let names = FileManager.default.subpaths(atPath: path) ?? []
    var found: [String: Data] = [:]
    for name in names { found[name] = FileManager.default.contents(atPath: path + "/" + name) }
    return found.filter { !$0.value.isEmpty }
  }

  @Test func threadsChangeNoByte() throws {
    let sites = try PlantedSites()
    try FileManager.default.removeItem(atPath: sites.path("a2", "t2"))
    try Inspection.run(request(sites, threads: 1))
    let first = try files(below: sites.output)
    #expect(
      first.keys.sorted() == ["inspection.json"]
        + ["a", "b"].flatMap { site in
          ["cases.csv", "cases.json", "slices.png"].map { "sites/\(site)/\($0)" }
        })
    var again = request(sites, threads: 5)
    #expect(throws: FileError.alreadyExists(path: sites.output)) { try Inspection.run(again) }
    again.force = true
    try Inspection.run(again)
    #expect(try files(below: sites.output) == first)
  }

  @Test func otherFilesAreLeftAlone() throws {
    let sites = try PlantedSites()
    _ = try sites.folder.folder("inspection/sites")
    _ = try sites.folder.write(Data("mine".utf8), "inspection/notes.txt")
    var request = request(sites)
    request.force = true
    #expect(throws: InspectionError.notAnInspection(path: sites.output)) { try Inspection.run(request) }
    #expect(try files(below: sites.output).keys.sorted() == ["notes.txt"])
  }

  /// Nothing that was planted in names, paths and headers of cases reaches what is shared.
  @Test func sharedReportNamesNoCase() throws {
    let sites = try PlantedSites()
    let canary = "CANARY"
    let folder = try sites.folder.folder("data/a/\(canary)7")
    for contrast in ["t1", "t2", "seg", "\(canary)"] {
      try FileManager.default.copyItem(
        atPath: sites.path("a1", contrast == canary ? "t1" : contrast),
        toPath: "\(folder)/\(canary)7_\(contrast).nii.gz")
    }
    // A broken file, a foreign one, text in a header: each is a finding whose message names them.
    try Data("CANARY".utf8).write(to: URL(fileURLWithPath: sites.path("a2", "t1")))
    try FileManager.default.copyItem(
      atPath: sites.path("a1", "t1"), toPath: sites.data + "/a/a3/\(canary)_t1.nii.gz")
    try sites.patch("b1", "t1") { $0.replaceSubrange(148..<154, with: Data(canary.utf8)) }
    try sites.patch("b2", "t2") { $0.append(Data(canary.utf8)) }
    let report = try Inspection.run(request(sites))
    let shared = try String(contentsOfFile: sites.output + "/inspection.json", encoding: .utf8)
    let findings = Set(report.sites.flatMap(\.findings.keys))
    #expect(
      findings == [.duplicateWithin, .extraContrast, .unreadable, .listing, .identifyingText], "\(findings)")
    for text in [shared, report.text(), report.json().renderedInOneLine()] {
      #expect(!text.contains(canary) && !text.contains(sites.data) && !text.contains(".nii"))
      for name in ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3"] { #expect(!text.contains("\"\(name)")) }
    }
    // The text itself is nowhere; that there is some, and how much, the site is told.
    let own = try SiteFile(sites.output + "/sites/b/cases.json")
    #expect(!own.text.contains(canary))
    #expect(own.findings.contains { $0.message.contains("descrip (6 bytes)") })
    #expect(own.findings.contains { $0.message.contains("bytes after the voxels (6 bytes)") })
  }

  /// A site's own table, as the standard reads it.
  @Test func tableHasALineForEachFile() throws {
    let sites = try PlantedSites()
    try FileManager.default.removeItem(atPath: sites.path("b2", "t2"))
    try Inspection.run(request(sites))
    let path = sites.output + "/sites/b/cases.csv"
    let table = try CSVTable(String(contentsOfFile: path, encoding: .utf8), path: path)
    #expect(table.rows.count == 9)
    let column = try #require(table.column("p50"))
    let scan = IntensitySummary(PlantedSites.scan("b1t1"))
    let row = try #require(table.rows.first { $0[1] == "b1_t1.nii.gz" })
    #expect(Double(row[column]) == scan.percentile(50))
    #expect(table.rows.contains { $0[0] == "b2" && $0.last?.contains("no t2") == true })
  }

  @Test func picturesOfEveryKindGoThrough() throws {
    let folder = try TemporaryFolder()
    for name in ["p1", "p2"] {
      _ = try folder.folder("data/s/\(name)")
      let grid = Geometry(size: SIMD3(20, 10, 1), affine: Imaging.AffineTransform(spacing: .one))
      var stream = RandomStream(seed: 8, purpose: .test, site: name)
      let colours = (0..<600).map { _ in UInt8(1 + stream.integer(below: 250)) }
      try PNG.write(
        colours: colours, width: 20, height: 10, to: folder.file("data/s/\(name)/\(name)_rgb.png"))
      #expect(
        try PNG.readImage(folder.file("data/s/\(name)/\(name)_rgb.png")).map(\.voxels)
          == (0..<3).map { channel in
            stride(from: channel, to: 600, by: 3).map { Float(colours[$0]) }
          })
      try PNG.write(
        LabelVolume(geometry: grid, labels: (0..<200).map { $0 % 20 < 5 ? 1 : 0 }),
        to: folder.file("data/s/\(name)/\(name)_seg.png"), style: .palette)
    }
    let report = try Inspection.run(
      .init(data: folder.file("data"), output: folder.file("out"), threads: 2, isQuiet: true))
    #expect(report.contrasts == ["rgb.r", "rgb.g", "rgb.b"] && report.labels.map(\.value) == [1])
    #expect(report.sites[0].findings.isEmpty && report.heterogeneity.spacing == nil)
    let picture = try PNG.header(folder.file("out/sites/s/slices.png"))
    #expect(picture.size == SIMD3(3 * 204 + 4, 2 * 204 + 4, 1) && picture.channels == 3)
  }
}
