import Foundation
import Foundations
import Imaging
import Study
import TestSupport

/// SampleData with a site that can be spoiled, and a study of it.
struct StudyFolder {
  static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("SampleData").path

  let folder: TemporaryFolder
  var data: String { folder.file("data") }
  var study: String { folder.file("study.yaml") }

  /// Each case's age and sex at every site, as a study may ask for.
  init(_ text: String = Self.text) throws {
    folder = try TemporaryFolder()
    let manager = FileManager.default
    for site in try manager.contentsOfDirectory(atPath: Self.sample).sorted()
    where Folder.exists("\(Self.sample)/\(site)") {
      try manager.createDirectory(atPath: "\(data)/\(site)", withIntermediateDirectories: true)
      var table = "participant_id\tage\tsex\n"
      for (index, name) in try manager.contentsOfDirectory(atPath: "\(Self.sample)/\(site)").sorted()
        .enumerated() where Folder.exists("\(Self.sample)/\(site)/\(name)")
      {
        try manager.createSymbolicLink(
          atPath: "\(data)/\(site)/\(name)", withDestinationPath: "\(Self.sample)/\(site)/\(name)")
        table += "\(name)\t\(40 + 5 * index)\t\(index % 2 == 0 ? "F" : "M")\n"
      }
      try Data(table.utf8).write(to: URL(fileURLWithPath: "\(data)/\(site)/participants.tsv"))
    }
    _ = try folder.write(Data(text.utf8), "study.yaml")
  }

  static let text = """
    schema_version: 1
    name: sample
    cohort:
      columns:
        - {name: age, units: years, least: 18, most: 120}
        - {name: sex, levels: [F, M]}
      rules:
        - {name: adult, where: age >= 18}
        - {name: labelled, where: labelled = 1 AND spacing_z < 6}
    labels:
      - {value: 1, name: necrotic core}
      - {value: 2, name: edema}
      - {value: 4, name: enhancing tumour}
    regions:
      - {name: WT, labels: [1, 2, 4]}
      - {name: ET, labels: [4]}
    features:
      contrasts: [t1, t1ce, t2, flair]
      voxel_mm: [0.8, 15]
      spacing: [3, 3, 3]
    training: {plan: bench, rounds: 2, local_steps: 3, seeds: [1, 2]}
    split: {validation: 0.15, test: 0.25}

    """

  /// The case's files of one site, by name, on disk of their own; returns its folder.
  func own(_ site: String, _ name: String) throws -> String {
    let path = "\(data)/\(site)/\(name)"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: "\(Self.sample)/\(site)/\(name)", toPath: path)
    return path
  }

  /// Every case of a site, on disk of its own.
  func cases(_ site: String) throws -> [(name: String, path: String)] {
    try FileManager.default.contentsOfDirectory(atPath: "\(data)/\(site)").sorted()
      .filter { Folder.exists("\(data)/\(site)/\($0)") }.map { ($0, try own(site, $0)) }
  }

  /// Changes the label maps of a site.
  func relabel(_ site: String, _ change: (UInt16) -> UInt16) throws {
    for (name, path) in try cases(site) {
      let file = "\(path)/\(name)_seg.nii.gz"
      var map = try CaseLoader.readLabels(file)
      map.labels = map.labels.map(change)
      try NIfTI.write(map, to: file, options: .labels)
    }
  }

  /// Exchanges two contrasts of a site.
  func swap(_ site: String, _ first: String, _ second: String) throws {
    let manager = FileManager.default
    for (name, path) in try cases(site) {
      func file(_ contrast: String) -> String { "\(path)/\(name)_\(contrast).nii.gz" }
      try manager.moveItem(atPath: file(first), toPath: path + "/kept")
      try manager.moveItem(atPath: file(second), toPath: file(first))
      try manager.moveItem(atPath: path + "/kept", toPath: file(second))
    }
  }

  /// Writes every file of a site anew, uncompressed, its voxel sizes multiplied and the unit of length set.
  func rescale(_ site: String, by factor: Double, unit: UInt8) throws {
    for (_, path) in try cases(site) {
      for file in try FileManager.default.contentsOfDirectory(atPath: path) where file.hasSuffix(".nii.gz") {
        let old = "\(path)/\(file)"
        var volume = try NIfTI.readVolume(old)
        let rows = volume.geometry.affine.rows.map { $0 * factor }
        volume.geometry.affine = Imaging.AffineTransform(rows: rows)
        try FileManager.default.removeItem(atPath: old)
        let new = String(old.dropLast(3))
        try NIfTI.write(volume, to: new, options: NIfTIWriteOptions())
        var bytes = try Data(contentsOf: URL(fileURLWithPath: new))
        bytes[123] = unit
        try bytes.write(to: URL(fileURLWithPath: new))
      }
    }
  }

  func participants(_ site: String, _ change: (String) -> String) throws {
    let url = URL(fileURLWithPath: "\(data)/\(site)/participants.tsv")
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    try Data(change(text).utf8).write(to: url)
  }

  func check(leastCell: Int = 5) throws -> (checks: [SiteCheck], study: StudyCheck) {
    let study = try LockedStudy.draft(study)
    let sites = try SiteListing.all(data, layout: nil)
    let checks = try sites.map {
      try SiteCheck(
        study, at: $0, data: data, leastCell: leastCell, looks: true, loop: ParallelLoop(threads: 2),
        progress: ProgressLine("", total: 1, quiet: true))
    }
    return (checks, StudyCheck(study.file, reports: checks.map(\.report)))
  }
}
