import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// What training refuses at the first fault, an audit lists with all its faults.
@Suite struct DatasetSurveyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func touch(_ names: [String]) throws {
    for name in names {
      _ = try folder.folder((name as NSString).deletingLastPathComponent)
      _ = try folder.write(Data([0]), name)
    }
  }

  private func faults(_ survey: DatasetSurvey) -> [String: String] {
    survey.sites.flatMap(\.cases).reduce(into: [:]) { $0[$1.files.name] = $1.fault?.description }
  }

  @Test func faultyCasesAreListedWithTheRest() throws {
    for name in ["c1", "c2", "c3"] { try touch(["a/\(name)/\(name)_t1.nii", "a/\(name)/\(name)_seg.nii"]) }
    try touch(["a/c2/stranger_t1.nii", "a/c3/c3_t1.nii.gz", "b/d1/d1_t2.nii"])
    _ = try folder.folder("a/c4")
    _ = try folder.folder("empty")
    let survey = try DatasetSurvey(folder.path)
    #expect(survey.sites.map(\.name) == ["a", "b", "empty"])
    #expect(survey.sites[0].cases.map(\.files.name) == ["c1", "c2", "c3", "c4"])
    #expect(survey.contrasts == ["t1", "t2"])
    let faults = faults(survey)
    #expect(faults.keys.sorted() == ["c2", "c3", "c4"])
    #expect(faults["c2"]?.contains("stranger_t1.nii") == true)
    #expect(faults["c3"]?.contains("several files") == true)
    #expect(faults["c4"]?.contains("no scan found") == true)
    #expect(survey.sites[2].cases.isEmpty && survey.sites[2].faults.count == 1)
    #expect(survey.sites[1].cases[0].files.images.map(\.contrast) == ["t2"])
    #expect(throws: ImagingError.self) { try DatasetFolder.discover(folder.path, requireLabels: false) }
  }

  @Test func nnunetCasesToo() throws {
    let description = """
      {"channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "x": 1}, "file_ending": ".nii.gz"}
      """
    _ = try folder.write(Data(description.utf8), "dataset.json")
    try touch([
      "imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "imagesTr/b_0000.nii.gz", "imagesTr/b_0007.nii.gz",
      "imagesTr/notes.nii.gz", "labelsTr/a.nii.gz",
    ])
    let survey = try DatasetSurvey(folder.path)
    #expect(survey.sites[0].cases.map(\.files.name) == ["a", "b"])
    #expect(faults(survey)["b"]?.contains("channel 7") == true)
    #expect(survey.sites[0].faults.map(\.description).contains { $0.contains("notes.nii.gz") })
    #expect(throws: LayoutError.self) { try DatasetFolder.discover(folder.path, requireLabels: false) }
    let files = try DatasetFiles(folder.path, survey: survey)
    #expect(files.scans.count == 6 && files.others == ["dataset.json"])
  }

  @Test func filesOfACopy() throws {
    try touch(["scans/x1.hdr", "scans/x1.img", "scans/x2.nii.gz", "elsewhere/y.nii"])
    let table = try folder.write(
      Data("site,case,t1,label\nn,x1,x1.hdr,\nn,x2,x2.nii.gz,gone.nii\n".utf8), "scans/list.csv")
    let survey = try DatasetSurvey(table)
    #expect(faults(survey).keys.sorted() == ["x2"])
    let files = try DatasetFiles(table, survey: survey)
    #expect(files.root == folder.file("scans"))
    #expect(files.scans == ["x1.hdr"] && files.others == ["list.csv"])
    let outside = try folder.write(
      Data("site,case,t1\nn,y,../elsewhere/y.nii\n".utf8), "scans/outside.csv")
    #expect(throws: LayoutError.self) { try DatasetFiles(outside, survey: DatasetSurvey(outside)) }
    // A folder is searched to the end, also where it links to itself.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("scans/loop"), withDestinationPath: folder.path)
    let all = try DatasetFiles(folder.path, survey: DatasetSurvey(folder.path, layout: .sites))
    #expect(all.scans == ["elsewhere/y.nii", "scans/x1.hdr", "scans/x2.nii.gz"])
  }
}
