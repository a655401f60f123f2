import Foundation
import TestSupport
import Testing

/// A data set of another community through the whole of `segfed train`.
@Suite struct LayoutTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  /// The tiny sites' cases as nnU-Net's raw folder.
  private func nnunet() throws -> String {
    let contrasts = ["t1", "t1ce", "t2", "flair"]
    let target = try folder.folder("Dataset001_Tiny")
    for name in ["imagesTr", "labelsTr"] { _ = try folder.folder("Dataset001_Tiny/\(name)") }
    for site in ["birch", "hazel"] {
      for name in (1...3).map({ "\(site)-00\($0)" }) {
        let stem = "\(sites.data)/\(site)/\(name)/\(name)_"
        for (channel, contrast) in contrasts.enumerated() {
          try FileManager.default.copyItem(
            atPath: stem + contrast + ".nii.gz", toPath: target + "/imagesTr/\(name)_000\(channel).nii.gz")
        }
        try FileManager.default.copyItem(
          atPath: stem + "seg.nii.gz", toPath: target + "/labelsTr/\(name).nii.gz")
      }
    }
    let description = """
      {"channel_names": {"0": "t1", "1": "t1ce", "2": "t2", "3": "flair"}, "numTraining": 6,
       "labels": {"background": 0, "core": 1, "edema": 2, "enhancing": 4}, "file_ending": ".nii.gz"}
      """
    _ = try folder.write(Data(description.utf8), "Dataset001_Tiny/dataset.json")
    return target
  }

  @Test func nnunetIsDealtToSitesAndTrained() throws {
    let data = try nnunet()
    let run = try SegfedProcess.run(
      ["train", "--data", data, "--plan", sites.plan, "--output", folder.file("run")]
        + ["--sites", "2", "--split", "dirichlet:1"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.output.hasPrefix(
        "\(data): nnU-Net raw, 2 sites, 6 cases, 6 label maps\nsites: site-1 3, site-2 3\n"))
    #expect(run.output.contains("labels: 1 core, 2 edema, 4 enhancing"))
    let configuration = try String(contentsOfFile: folder.file("run/config.yaml"), encoding: .utf8)
    #expect(configuration.contains("partition: dirichlet:1.0"))
    #expect(configuration.contains("name: enhancing"))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let data = try nnunet()
    for (options, says) in [
      (["--layout", "decathlon"], ["does not look like Medical Segmentation Decathlon"]),
      (["--sites", "3", "--split", "size"], ["6 cases for 3", "9 or more"]),
      (["--split", "size"], ["needs a number of sites", "--sites"]),
    ] {
      let refused = try SegfedProcess.run(
        ["train", "--data", data, "--plan", sites.plan, "--output", folder.file("refused")] + options)
      Refusal.check(refused, names: data, says: says)
      #expect(!Refusal.exists(folder.file("refused")))
    }
  }
}
