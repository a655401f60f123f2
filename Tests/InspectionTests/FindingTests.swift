import Foundation
import Foundations
import Imaging
import Inspection
import TestSupport
import Testing

/// One thing that is wrong with the case `a2`, and what the audit must find: this and nothing else.
struct PlantedFault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let finds: [Finding.Kind]
  let says: String
  let plant: @Sendable (PlantedSites) throws -> Void

  init(
    _ name: String, _ finds: Finding.Kind..., says: String = "",
    plant: @escaping @Sendable (PlantedSites) throws -> Void
  ) {
    testDescription = name
    self.finds = finds
    self.says = says
    self.plant = plant
  }

  static let all = cases + headers + voxels

  private static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  private static func put<Value>(_ value: Value, _ bytes: inout Data, at offset: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
  }

  private static let cases = [
    PlantedFault("missing contrast", .missingContrast, says: "no t2") { try remove($0.path("a2", "t2")) },
    PlantedFault("missing label map", .missingLabel) { try remove($0.path("a2", "seg")) },
    PlantedFault("contrast of one case", .extraContrast, says: "adc") { sites in
      try NIfTI.write(PlantedSites.scan("x"), to: sites.path("a2", "adc"), options: PlantedSites.options)
    },
    PlantedFault("foreign file", .listing, says: "stranger") { sites in
      try FileManager.default.copyItem(
        atPath: sites.path("a2", "t1"), toPath: sites.data + "/a/a2/stranger_t1.nii.gz")
    },
    PlantedFault("truncated file", .unreadable, says: "Copy") { sites in
      // Its end now promises a length that is not there: that is not taken for bytes after the voxels.
      let file = URL(fileURLWithPath: sites.path("a2", "t2"))
      let bytes = try Data(contentsOf: file)
      try bytes.prefix(bytes.count / 2).write(to: file)
    },
    PlantedFault("other size", .gridsDiffer, says: "voxels, expected") { sites in
      try sites.changeScan("a2", "t2") { scan in
        scan.geometry.size.z -= 1
        scan = Volume(geometry: scan.geometry, voxels: Array(scan.voxels.prefix(scan.geometry.count)))
      }
    },
    PlantedFault("label map elsewhere", .gridsDiffer, says: "mm away") {
      try $0.changeLabels("a2") { $0.geometry.affine.rows[0].w += 1 }
    },
    PlantedFault("label map off by rounding") {
      try $0.changeLabels("a2") { $0.geometry.affine.rows[0].w += 0.001 }
    },
    PlantedFault("one contrast twice", .duplicateWithin, says: "t1 of this case") { sites in
      try remove(sites.path("a2", "t2"))
      try FileManager.default.copyItem(atPath: sites.path("a2", "t1"), toPath: sites.path("a2", "t2"))
    },
  ]

  private static let headers = [
    PlantedFault("no form", .noOrientation, .gridsDiffer, .leftRight, says: "x is taken to run to the left") {
      sites in
      try sites.patch("a2", "t2") { bytes in
        put(Int32(0), &bytes, at: 252)
      }
    },
    PlantedFault("forms turned", .formsDisagree, says: "10.00° apart") { sites in
      try sites.patch("a2", "t2") { bytes in put(Float(sin(5 * Double.pi / 180)), &bytes, at: 256) }
    },
    PlantedFault("forms mirrored", .leftRight, says: "mirror images") { sites in
      try sites.patch("a2", "t1") { bytes in put(Float(-1), &bytes, at: 76) }
    },
    PlantedFault("no unit", .noUnit) { try $0.patch("a2", "t1") { $0[123] = 0 } },
    PlantedFault("metres", .lengthUnit, says: "unit of length is m,") {
      try $0.patch("a2", "t1") { $0[123] = 1 }
    },
    PlantedFault("slope 0", .slope, says: "scl_slope is 0") {
      try $0.patch("a2", "t1") { put(Float(0), &$0, at: 112) }
    },
    PlantedFault("slope NaN", .slope, says: "not finite") {
      try $0.patch("a2", "t1") { put(Float.nan, &$0, at: 112) }
    },
    PlantedFault("text", .identifyingText, says: "descrip (7 bytes)") {
      try $0.patch("a2", "seg") { $0.replaceSubrange(148..<155, with: Data("CANARY!".utf8)) }
    },
    PlantedFault("mirrored case", .leftRight, says: "unlike 4 of the site's 5 cases") { sites in
      for contrast in ["t1", "t2"] { try sites.changeScan("a2", contrast) { mirror(&$0.geometry) } }
      try sites.changeLabels("a2") { mirror(&$0.geometry) }
    },
    PlantedFault("sheared", .shear, .gridsDiffer, says: "ITK refuses") { sites in
      try sites.patch("a2", "t2") { bytes in
        put(Int16(0), &bytes, at: 252)
        put(Float(0.2), &bytes, at: 284)
      }
    },
    PlantedFault("pixdim", .voxelSizes, says: "2.000×3.000×9.000") { sites in
      try sites.patch("a2", "t1") { bytes in
        put(Int16(0), &bytes, at: 252)
        put(Float(9), &bytes, at: 88)
      }
    },
  ]

  private static func mirror(_ geometry: inout Geometry) {
    geometry.affine.rows[0].x *= -1
    geometry.affine.rows[0].w += 2 * Double(geometry.size.x - 1)
  }

  private static let voxels = [
    PlantedFault("NaN voxels", .notFinite, says: "2 voxels") {
      try $0.changeScan("a2", "t1") { scan in
        scan.voxels[5] = .nan
        scan.voxels[6] = .infinity
      }
    },
    PlantedFault("zeros", .allZero) {
      try $0.changeScan("a2", "t1") { for index in $0.voxels.indices { $0.voxels[index] = 0 } }
    },
    PlantedFault("label outside", .labelsOutside, says: "1 labelled voxels") {
      try $0.changeLabels("a2") { $0.labels[0] = 2 }
    },
    PlantedFault("label that is no number", .unreadable, says: "label 1.5") { sites in
      var scan = PlantedSites.scan("x")
      for index in scan.voxels.indices { scan.voxels[index] = index == 4 ? 1.5 : 0 }
      try NIfTI.write(scan, to: sites.path("a2", "seg"), options: NIfTIWriteOptions())
    },
  ]
}

@Suite struct FindingTests {
  @Test(arguments: PlantedFault.all) func isFound(fault: PlantedFault) throws {
    let sites = try PlantedSites()
    try fault.plant(sites)
    let report = try Inspection.run(
      .init(data: sites.data, output: sites.output, threads: 2, isQuiet: true))
    let found = try SiteFile(sites.output + "/sites/a/cases.json").findings
    #expect(Set(found.map(\.kind)) == Set(fault.finds.map(\.rawValue)), "\(found)")
    #expect(found.allSatisfy { $0.name == "a2" }, "\(found)")
    #expect(fault.says.isEmpty || found.contains { $0.message.contains(fault.says) }, "\(found)")
    #expect(report.sites[0].findings == Dictionary(uniqueKeysWithValues: fault.finds.map { ($0, 1) }))
    #expect(report.sites[1].findings.isEmpty)
    let severities = Set(fault.finds.map(\.severity))
    #expect(report.sites[0].withErrors == (severities.contains(.error) ? 1 : 0))
    #expect(report.sites[0].withWarnings == (severities.contains(.warning) ? 1 : 0))
  }

  @Test func nothingIsFoundInGoodSites() throws {
    let sites = try PlantedSites()
    let report = try Inspection.run(
      .init(data: sites.data, output: sites.output, threads: 2, isQuiet: true))
    #expect(report.sites.allSatisfy { $0.findings.isEmpty })
    #expect(report.text().contains("Nothing was found"))
    #expect(report.sites.map(\.cases) == [5, 3] && report.sites.map(\.labelled) == [5, 3])
    // A label box of 6×4×2 voxels of 24 mm³.
    let volume = report.sites[0].moments(.volume(label: 2))
    #expect(volume.count == 5 && abs(volume.sum - 5 * 48 * 0.024) < 1e-9)
    #expect(report.sites[0].orientations == ["RAS": 5])
    #expect((0..<3).map { report.sites[1].moments(.spacing(axis: $0)).sum } == [6, 9, 12])
  }

  /// The same scan at both sites, under other names, headers and data types.
  @Test func duplicatesBetweenSitesAreCounted() throws {
    let sites = try PlantedSites()
    var scan = try NIfTI.readVolume(sites.path("a3", "t2"))
    scan.geometry.affine = Imaging.AffineTransform(spacing: SIMD3(2, 3, 4))
    try NIfTI.write(scan, to: sites.path("b1", "t1"), options: NIfTIWriteOptions(dataType: .float64))
    try FileManager.default.removeItem(atPath: sites.path("b1", "t2"))
    let report = try Inspection.run(
      .init(data: sites.data, output: sites.output, threads: 2, isQuiet: true))
    #expect(report.duplicates.map(\.sites) == [["a", "b"]] && report.duplicates.map(\.scans) == [1])
    #expect(report.text().contains("Same content: 1 scan at both a and b."))
    for (site, own, other) in [("a", "a3", "b"), ("b", "b1", "a")] {
      let file = try SiteFile(sites.output + "/sites/\(site)/cases.json")
      let found = file.findings.filter { $0.kind == "duplicate_between" }
      #expect(found.map(\.name) == [own])
      #expect(found[0].message.hasSuffix("a scan at the site \(other)"))
      let strangers = site == "a" ? ["b1", "b2", "b3"] : ["a1", "a2", "a3", "a4", "a5"]
      #expect(strangers.allSatisfy { !file.text.contains("\"\($0)") })
    }
  }
}

/// A site's `cases.json`.
struct SiteFile {
  let text: String
  let findings: [(name: String, kind: String, message: String)]

  init(_ path: String) throws {
    text = try String(contentsOfFile: path, encoding: .utf8)
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let cases = try #require(root["cases"] as? [[String: Any]])
    findings = cases.flatMap { item in
      (item["findings"] as? [[String: Any]] ?? []).map {
        (item["case"] as? String ?? "", $0["kind"] as? String ?? "", $0["message"] as? String ?? "")
      }
    }
  }
}
