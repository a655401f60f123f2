import Foundation
import Foundations
import Imaging
import Simulation
import TestSupport
import Testing

/// What is committed is what the simulator makes.
@Suite struct SampleDataTests {
  @Test func remadeItIsTheSame() throws {
    let folder = try TemporaryFolder()
    let request = SimulationRequest(profile: .demo, seed: 1, output: folder.file("demo"))
    try Simulator.run(request)
    let old = try SampleData.dataset()
    let new = try DatasetFolder.discover(request.output, requireLabels: true)
    #expect(old.sites.map(\.name) == new.sites.map(\.name))
    for (oldSite, newSite) in zip(old.sites, new.sites) {
      #expect(oldSite.cases.map(\.name) == newSite.cases.map(\.name))
      for (oldCase, newCase) in zip(oldSite.cases, newSite.cases) {
        for (a, b) in zip(paths(oldCase), paths(newCase)) {
          // Not the compressed bytes: another zlib may pack the same voxels otherwise.
          #expect(try NIfTI.header(a) == NIfTI.header(b), "\(a)")
          #expect(try NIfTI.readVolume(a) == NIfTI.readVolume(b), "\(a)")
        }
      }
    }
    for file in ["dataset.yaml"] + request.sites().map({ $0.name + "/site.yaml" }) {
      let a = try String(contentsOfFile: SampleData.path + "/" + file, encoding: .utf8)
      let b = try String(contentsOfFile: request.output + "/" + file, encoding: .utf8)
      #expect(a == b, "\(file)")
    }
  }

  private func paths(_ files: CaseFiles) -> [String] {
    files.images.map(\.path) + [files.label ?? ""]
  }

  @Test func itIsTwelveMegabytesOrLess() throws {
    var bytes = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: SampleData.path) {
      let path = SampleData.path + "/" + name
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if isFolder.boolValue { continue }
      bytes += try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
    print("SampleData: \(Double(bytes) / 1e6) MB")
    #expect(bytes > 1_000_000 && bytes <= 12_000_000)
  }
}
