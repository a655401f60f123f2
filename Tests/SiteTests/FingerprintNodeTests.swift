import FederationProtocol
import Foundation
import Foundations
import Imaging
import Site
import TestSupport
import Testing
import Training

/// A site before there is a plan, asked over bytes alone.
@Suite struct FingerprintNodeTests {
  static let canary = "canary-51c9"

  private let folder: TemporaryFolder
  private let identity = RunIdentity(runID: "plan", planDigest: [1], studyDigest: [2])
  private var codec: EnvelopeCodec { EnvelopeCodec(identity: identity, site: "clinic") }

  init() throws { folder = try TemporaryFolder() }

  /// Cases whose scans lie in an oblique corner of zeros, so that cropping shows, with one label.
  private func node(cases: Int) throws -> FingerprintNode {
    for number in 0..<cases {
      let name = "\(Self.canary)-\(number)"
      let path = try folder.folder("data/clinic/\(name)") + "/\(name)_"
      var stream = RandomStream(seed: UInt64(number), purpose: .test)
      let geometry = Geometry(
        size: SIMD3(20, 16, 12),
        affine: Imaging.AffineTransform(spacing: SIMD3(1.5, 2, 3 + 0.1 * Double(number))))
      var voxels = [Float](repeating: 0, count: geometry.count)
      var labels = [UInt16](repeating: 0, count: geometry.count)
      for k in 1..<11 {
        for j in 2..<14 {
          for i in 3..<17 - number {
            voxels[geometry.offset(i, j, k)] = Float(700 + 55 * stream.normal())
            if i < 8 { labels[geometry.offset(i, j, k)] = 1 }
          }
        }
      }
      try NIfTI.write(
        Volume(geometry: geometry, voxels: voxels), to: path + "t1.nii.gz", options: NIfTIWriteOptions())
      let map = LabelVolume(geometry: geometry, labels: labels)
      try NIfTI.write(map, to: path + "seg.nii.gz", options: .labels(of: map))
    }
    let data = try DatasetFolder.discover(folder.file("data"), requireLabels: true)
    let fingerprint = try DataFingerprint.of(data, loop: .serial)
    let plan = try BuiltInPlans.unet3d.resolved(for: fingerprint, file: "plan")
    return FingerprintNode(
      site: "clinic", cases: data.sites[0].cases, reading: CaseReading(plan: plan, loop: .serial),
      identity: identity, skipped: .none)
  }

  private func fingerprint(_ node: FingerprintNode) async throws -> (WireSiteFingerprint, [UInt8]) {
    var request = WireFingerprintRequest()
    request.contrasts = ["t1"]
    let bytes = try await node.exchange(try codec.seal(request, round: 0))
    return (try codec.open(bytes, as: WireSiteFingerprint.self, round: 0), bytes)
  }

  @Test func whatASiteTells() async throws {
    let node = try node(cases: 3)
    let (answer, _) = try await fingerprint(node)
    #expect(answer.cases == 3)
    #expect(answer.micrometres.x.map(\.value) == [1500] && answer.micrometres.x.map(\.cases) == [3])
    #expect(answer.micrometres.z.map(\.value) == [3000, 3100, 3200])
    #expect(answer.sizes.x.map(\.value) == [12, 13, 14] && answer.sizes.y.map(\.value) == [12])
    #expect(answer.sizes.z.map(\.value) == [10])
    // 14·12·10, 13·12·10 and 12·12·10 of 20·16·12 voxels.
    #expect(answer.croppedPercent.map(\.value) == [38, 41, 44])
    let label = try #require(answer.labels.first)
    #expect(answer.labels.count == 1 && label.value == 1 && label.cases == 3 && label.voxels == 3 * 600)
    let volumes = [0.0, 0.1, 0.2].map { 600 * 1.5 * 2 * (3 + $0) / 1000 }
    #expect(abs(label.millilitres - volumes.reduce(0, +)) < 1e-5)
    #expect(abs(label.squaredMillilitres - volumes.reduce(0) { $0 + $1 * $1 }) < 1e-4)
    let intensity = try #require(answer.intensities.first)
    #expect(intensity.contrast == "t1" && intensity.cases == 3 && abs(intensity.meanSum - 2100) < 20)
    #expect(abs(intensity.shares.reduce(0, +) - 3) < 1e-12)

    var request = WireSizesRequest()
    request.spacing = [3, 1, 3]
    let bytes = try await node.exchange(try codec.seal(request, round: 0))
    let sizes = try codec.open(bytes, as: WireSiteSizes.self, round: 0).sizes
    #expect(sizes.x.map(\.value) == [6, 7] && sizes.x.map(\.cases) == [2, 1])
    #expect(sizes.y.map(\.value) == [24])
    #expect(sizes.z.map(\.value) == [10, 11] && sizes.z.map(\.cases) == [2, 1])
  }

  /// Of more than one case neither a name, nor a voxel, nor one case's mean, volume or histogram crosses.
  @Test func nothingOfOneCaseCrosses() async throws {
    let node = try node(cases: 2)
    let (answer, bytes) = try await fingerprint(node)
    #expect(Data(bytes).range(of: Data(Self.canary.utf8)) == nil)
    let scan = try NIfTI.readVolume(
      folder.file("data/clinic/\(Self.canary)-0/\(Self.canary)-0_t1.nii.gz"))
    let map = try NIfTI.readLabels(
      folder.file("data/clinic/\(Self.canary)-0/\(Self.canary)-0_seg.nii.gz"))
    let inside = zip(scan.voxels, map.labels).filter { $0.1 != 0 }.map(\.0)
    for voxel in scan.voxels where voxel != 0 {
      #expect(find(voxel, in: bytes) == false && find(Double(voxel), in: bytes) == false)
    }
    let mean = inside.reduce(0) { $0 + Double($1) } / Double(inside.count)
    let millilitres = 600 * 1.5 * 2 * 3 / 1000.0
    for value in [mean, millilitres, millilitres * millilitres] { #expect(!find(value, in: bytes)) }
    #expect(find(answer.intensities[0].meanSum, in: bytes), "what is there is found")
    // Shares are sums over two cases of multiples of 1/600.
    #expect(abs(answer.intensities[0].shares.reduce(0, +) - 2) < 1e-12)
    // Each axis by itself and by value: which size goes with which spacing is not told.
    #expect(answer.sizes.x.map(\.value) == [13, 14] && answer.micrometres.z.map(\.value) == [3000, 3100])
    #expect(bytes.count < 6000)
  }

  @Test func otherRequestsAreRefused() async throws {
    let node = try node(cases: 1)
    let describe = try await node.exchange(try codec.seal(WireDescribeRequest(), round: 0))
    #expect(throws: ProtocolError.self) { try codec.open(describe, as: WireSiteDescription.self, round: 0) }
    var request = WireFingerprintRequest()
    request.contrasts = ["t2"]
    let other = try await node.exchange(try codec.seal(request, round: 0))
    #expect(throws: ProtocolError.self) { try codec.open(other, as: WireSiteFingerprint.self, round: 0) }
    var sizes = WireSizesRequest()
    sizes.spacing = [1, 0, 1]
    let answer = try await node.exchange(try codec.seal(sizes, round: 0))
    #expect(throws: ProtocolError.self) { try codec.open(answer, as: WireSiteSizes.self, round: 0) }
  }

  private func find<Value: BitwiseCopyable>(_ value: Value, in bytes: [UInt8]) -> Bool {
    Data(bytes).range(of: withUnsafeBytes(of: value) { Data($0) }) != nil
  }
}
