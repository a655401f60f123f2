import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct DatasetFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func touch(_ names: String...) throws {
    for name in names {
      _ = try folder.folder((name as NSString).deletingLastPathComponent)
      _ = try folder.write(Data([0]), name)
    }
  }

  private func discover(labels: Bool = true) throws -> DatasetFolder {
    try DatasetFolder.discover(folder.path, requireLabels: labels)
  }

  @Test func sitesCasesAndContrastsAreFound() throws {
    for (site, name) in [("b", "c2"), ("a", "c1"), ("b", "c10")] {
      for contrast in ["flair", "t2", "adc", "t1ce", "t1", "seg"] {
        try touch("\(site)/\(name)/\(name)_\(contrast).nii.gz")
      }
    }
    try touch("b/site.yaml", "b/.hidden/x.nii", "README.md", "a/c1/notes.txt", "a/c1/.c1_dwi.nii")
    let dataset = try discover()
    #expect(dataset.sites.map(\.name) == ["a", "b"])
    #expect(dataset.sites[1].cases.map(\.name) == ["c10", "c2"])
    #expect(dataset.contrasts == ["t1", "t1ce", "t2", "flair", "adc"])
    let files = dataset.sites[0].cases[0]
    #expect(files.images[3].path == folder.file("a/c1/c1_flair.nii.gz"))
    #expect(files.label == folder.file("a/c1/c1_seg.nii.gz"))
  }

  @Test func oneSiteAndOtherKindsOfFiles() throws {
    try touch("c1/c1-t1.hdr", "c1/c1-t1.img", "c1/c1-seg.png", "c2/c2_t1.nii")
    let dataset = try discover(labels: false)
    #expect(dataset.sites.map(\.name) == [(folder.path as NSString).lastPathComponent])
    #expect(dataset.sites[0].cases[0].images == [.init(contrast: "t1", path: folder.file("c1/c1-t1.hdr"))])
    #expect(dataset.sites[0].cases[1].label == nil)
    #expect(throws: ImagingError.missingLabel(path: folder.file("c2"), expected: "c2_seg.nii.gz")) {
      try discover()
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    #expect(throws: FileError.notFound(path: folder.file("no"))) {
      try DatasetFolder.discover(folder.file("no"), requireLabels: true)
    }
    #expect(throws: ImagingError.noCases(path: folder.path)) { try discover() }
    _ = try folder.folder("a")
    #expect(throws: ImagingError.noCases(path: folder.file("a"))) { try discover() }
    _ = try folder.folder("a/c1")
    #expect(throws: ImagingError.noScans(path: folder.file("a/c1"), caseName: "c1")) { try discover() }
    try touch("a/c1/c1_t1.nii", "a/c1/c1_seg.nii", "a/c2/c2_t1.nii", "a/c2/c2_t2.nii", "a/c2/c2_seg.nii")
    let missing = ImagingError.missingContrast(
      path: folder.file("a/c1"), missing: ["t2"], found: ["t1"], expected: ["t1", "t2"])
    #expect(throws: missing) { try discover() }
    try touch("a/c1/c1_t2.nii", "a/c1/c1_t2.nii.gz")
    let several = ImagingError.severalFiles(
      path: folder.file("a/c1"), contrast: "t2", found: ["c1_t2.nii", "c1_t2.nii.gz"])
    #expect(throws: several) { try discover() }
    try FileManager.default.removeItem(atPath: folder.file("a/c1/c1_t2.nii"))
    try touch("a/c1/c9_t2.nii")
    let foreign = ImagingError.foreignFile(path: folder.file("a/c1/c9_t2.nii"), expectedPrefix: "c1_")
    #expect(throws: foreign) { try discover() }
    #expect(foreign.description.contains("c9_t2.nii") && foreign.description.contains("c1_"))
    let file = folder.file("a/c1/c1_t1.nii")
    #expect(throws: ImagingError.notFolder(path: file)) {
      try DatasetFolder.discover(file, requireLabels: true)
    }
  }
}
