import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// Folders in exactly the shape that each community's data sets come in.
@Suite struct DatasetLayoutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func touch(_ names: String...) throws {
    for name in names {
      _ = try folder.folder((name as NSString).deletingLastPathComponent)
      _ = try folder.write(Data([0]), name)
    }
  }

  private func write(_ text: String, _ name: String) throws {
    _ = try folder.folder((name as NSString).deletingLastPathComponent)
    _ = try folder.write(Data(text.utf8), name)
  }

  private func discover(_ name: String = "", labels: Bool = true) throws -> DatasetFolder {
    try DatasetFolder.discover(folder.path + (name.isEmpty ? "" : "/" + name), requireLabels: labels)
  }

  private var ownName: String { (folder.path as NSString).lastPathComponent }

  private func brats(_ name: String, in parent: String = "") throws {
    for part in ["t1", "t1ce", "t2", "flair", "seg"] { try touch("\(parent)\(name)/\(name)_\(part).nii.gz") }
  }

  @Test func brats2021() throws {
    try brats("BraTS2021_00002")
    try brats("BraTS2021_00000")
    let found = try discover()
    #expect(found.layout == .brats)
    #expect(found.sites.map(\.name) == [ownName])
    #expect(found.sites[0].cases.map(\.name) == ["BraTS2021_00000", "BraTS2021_00002"])
    #expect(found.contrasts == ["t1", "t1ce", "t2", "flair"])
    #expect(found.labels.map(\.value) == [1, 2, 4])
  }

  /// BraTS 2017 to 2019 keep two grades apart; that makes no two sites.
  @Test func brats2018() throws {
    try brats("Brats18_2013_2_1", in: "HGG/")
    try brats("Brats18_TCIA_1_1", in: "LGG/")
    try touch("survival_data.csv")
    let found = try discover()
    #expect(found.layout == .brats)
    #expect(found.sites.map(\.name) == [ownName] && found.sites[0].cases.count == 2)
  }

  @Test func brats2023() throws {
    for part in ["t1n", "t1c", "t2w", "t2f", "seg"] {
      try touch("BraTS-GLI-00000-000/BraTS-GLI-00000-000-\(part).nii.gz")
    }
    let found = try discover()
    #expect(found.layout == .brats2023)
    #expect(found.contrasts == ["t1n", "t1c", "t2w", "t2f"])
    #expect(found.labels.map(\.value) == [1, 2, 3])
  }

  @Test func fets() throws {
    for name in ["FeTS2022_01341", "FeTS2022_01333", "FeTS2022_00000"] { try brats(name) }
    try write(
      "Partition_ID,Subject_ID\n1,FeTS2022_01341\n1,FeTS2022_01333\n13,FeTS2022_00000\n", "partitioning_1.csv"
    )
    try write(
      "Partition_ID,Subject_ID\n1,FeTS2022_01341\n2,FeTS2022_01333\n3,FeTS2022_00000\n", "partitioning_2.csv")
    let found = try discover()
    #expect(found.layout == .fets)
    #expect(found.sites.map(\.name) == ["site-01", "site-13"])
    #expect(found.sites[0].cases.map(\.name) == ["FeTS2022_01333", "FeTS2022_01341"])
    #expect(try discover("partitioning_2.csv").sites.map(\.name) == ["site-1", "site-2", "site-3"])
    try brats("FeTS2022_09999")
    #expect(
      throws: LayoutError.unlisted(list: folder.file("partitioning_1.csv"), cases: ["FeTS2022_09999"])
    ) { try discover() }
  }

  @Test func nnunet() throws {
    for name in ["BRATS_001", "BRATS_002"] {
      for channel in 0..<2 { try touch("imagesTr/\(name)_000\(channel).nii.gz") }
      try touch("labelsTr/\(name).nii.gz")
    }
    try touch("imagesTs/BRATS_003_0000.nii.gz")
    try write(
      """
      {"channel_names": {"0": "FLAIR", "1": "T1w"}, "numTraining": 2, "file_ending": ".nii.gz",
       "labels": {"background": 0, "whole tumor": [1, 2], "edema": 1, "core": 2}, "regions_class_order": [1, 2]}
      """, "dataset.json")
    let found = try discover()
    #expect(found.layout == .nnunet)
    #expect(found.contrasts == ["FLAIR", "T1w"])
    #expect(found.labels == [LabelName(value: 1, name: "edema"), LabelName(value: 2, name: "core")])
    let files = found.sites[0].cases[0]
    #expect(files.name == "BRATS_001" && files.label == folder.file("labelsTr/BRATS_001.nii.gz"))
    #expect(files.images[1].path == folder.file("imagesTr/BRATS_001_0001.nii.gz"))
    try touch("imagesTr/BRATS_001_0002.nii.gz")
    #expect(
      throws: LayoutError.channel(
        path: folder.file("imagesTr/BRATS_001_0002.nii.gz"), number: 2, known: ["FLAIR", "T1w"],
        list: folder.file("dataset.json"))
    ) { try discover() }
  }

  @Test func nnunetInPNG() throws {
    try touch("imagesTr/img-2_0000.png", "labelsTr/img-2.png")
    try write(
      #"{"channel_names": {"0": "R"}, "labels": {"background": 0, "road": 1}, "file_ending": ".png"}"#,
      "dataset.json")
    #expect(try discover().sites[0].cases[0].images.map(\.path) == [folder.file("imagesTr/img-2_0000.png")])
  }

  @Test func decathlon() throws {
    let volume = SampleVolumes.ramp(SIMD3(4, 3, 2), affine: SampleVolumes.obliqueAffine())
    _ = try folder.folder("imagesTr")
    try NIfTI.write(volume, to: folder.file("imagesTr/BRATS_1.nii"), options: NIfTIWriteOptions())
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("imagesTr/BRATS_1.nii")))
    // A second contrast: four dimensions, two volumes, the voxels once more but twice as bright.
    (bytes[40], bytes[48]) = (4, 2)
    for voxel in volume.voxels { withUnsafeBytes(of: 2 * voxel) { bytes.append(contentsOf: $0) } }
    _ = try folder.write(bytes, "imagesTr/BRATS_1.nii")
    _ = try folder.folder("labelsTr")
    let labels = LabelVolume(geometry: volume.geometry, labels: (0..<24).map { UInt16($0 % 3) })
    try NIfTI.write(labels, to: folder.file("labelsTr/BRATS_1.nii"), options: .labels)
    try write(
      """
      {"name": "BRATS", "tensorImageSize": "4D", "modality": {"0": "FLAIR", "1": "T1w"},
       "labels": {"0": "background", "1": "edema", "2": "tumour"}, "numTraining": 1, "numTest": 1,
       "training": [{"image": "./imagesTr/BRATS_1.nii", "label": "./labelsTr/BRATS_1.nii"}],
       "test": ["./imagesTs/BRATS_2.nii"]}
      """, "dataset.json")
    let found = try discover()
    #expect(found.layout == .decathlon && found.labels.map(\.name) == ["edema", "tumour"])
    let loaded = try CaseLoader.loadCase(found.sites[0].cases[0])
    #expect(loaded.contrasts == ["FLAIR", "T1w"])
    #expect(loaded.images.map(\.voxels) == [volume.voxels, volume.voxels.map { 2 * $0 }])
    #expect(loaded.labels?.labels == labels.labels)
    try FileManager.default.removeItem(atPath: folder.file("labelsTr/BRATS_1.nii"))
    #expect(
      throws: LayoutError.listedButMissing(
        list: folder.file("dataset.json"), path: folder.file("labelsTr/BRATS_1.nii"))
    ) { try discover() }
  }

  @Test func bids() throws {
    try write(#"{"Name": "Lesions", "BIDSVersion": "1.9.0"}"#, "dataset_description.json")
    try write("participant_id\tage\tsite\nsub-01\t40\tnorth\nsub-02\t50\tsouth\n", "participants.tsv")
    try touch(
      "sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz",
      "sub-01/anat/sub-01_T1w.json", "sub-02/ses-1/anat/sub-02_ses-1_T1w.nii.gz",
      "sub-02/ses-1/anat/sub-02_ses-1_ce-gadolinium_T1w.nii.gz", "sub-02/ses-1/func/sub-02_ses-1_bold.nii.gz",
      "derivatives/manual/sub-01/anat/sub-01_space-orig_dseg.nii.gz",
      "derivatives/manual/sub-02/ses-1/anat/sub-02_ses-1_dseg.nii.gz")
    let found = try discover()
    #expect(found.layout == .bids)
    #expect(found.sites.map(\.name) == ["north", "south"])
    #expect(found.contrasts == ["T1w", "ce-gadolinium_T1w"])
    #expect(found.sites[1].cases[0].name == "sub-02_ses-1")
    #expect(
      found.sites[0].cases[0].label
        == folder.file("derivatives/manual/sub-01/anat/sub-01_space-orig_dseg.nii.gz"))
  }

  @Test func csv() throws {
    try touch("a/one.nii", "a/one_lesion.nii", "two t1.nii.gz", "two.nii.gz")
    try write(
      "site,case,t1,label\nnorth,p1,a/one.nii,a/one_lesion.nii\nsouth,p2,\"two t1.nii.gz\",\(folder.file("two.nii.gz"))\n",
      "cases.csv")
    let found = try discover("cases.csv")
    #expect(found.layout == .csv && found.sites.map(\.name) == ["north", "south"])
    #expect(found.sites[1].cases[0].images == [.init(contrast: "t1", path: folder.file("two t1.nii.gz"))])
    #expect(found.sites[1].cases[0].label == folder.file("two.nii.gz"))
    try write("site,case,t1,label\nnorth,p1,gone.nii,\n", "cases.csv")
    #expect(
      throws: LayoutError.listedButMissing(list: folder.file("cases.csv"), path: folder.file("gone.nii"))
    ) { try discover("cases.csv") }
    try write("hospital,case,t1\nnorth,p1,a/one.nii\n", "cases.csv")
    #expect(
      throws: LayoutError.missingColumns(
        path: folder.file("cases.csv"), missing: ["site"], found: ["hospital", "case", "t1"])
    ) { try discover("cases.csv") }
  }

  @Test func aNamedLayoutMustFit() throws {
    try brats("a_1")
    #expect(try DatasetFolder.discover(folder.path, layout: .brats, requireLabels: true).layout == .brats)
    #expect(throws: LayoutError.unlike(path: folder.path, layout: .brats2023)) {
      try DatasetFolder.discover(folder.path, layout: .brats2023, requireLabels: true)
    }
  }
}
