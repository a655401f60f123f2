import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport

/// A brain of three tissues with folds, on zeros, seen through a known bias field and Rician noise.
struct BrainPhantom {
  let volume: Volume
  /// The field's factor at every voxel.
  let field: [Double]

  init(size: SIMD3<Int>, spacing: Double, strength: Double = 0.3, seed: UInt64 = 1) {
    var stream = RandomStream(seed: seed, purpose: .test)
    let geometry = Geometry(
      size: size, affine: AffineTransform(spacing: SIMD3(repeating: spacing), origin: .zero))
    var (voxels, field) = ([Float](), [Double]())
    for k in 0..<size.z {
      for j in 0..<size.y {
        for i in 0..<size.x {
          // −1 to 1 along each axis; 0 along an axis of one voxel.
          let p = (SIMD3(Double(i), Double(j), Double(k)) + 0.5) * 2 / SIMD3<Double>(size) - 1
          let log =
            strength * (0.45 * p.x - 0.3 * p.y + 0.35 * p.z + 0.25 * p.x * p.y + 0.3 * (p.y * p.y - 0.3))
          field.append(exp(log))
          let signal = Self.tissue(p) * exp(log)
          let noise = SIMD2(stream.normal(), stream.normal()) * 3
          let seen = ((signal + noise.x) * (signal + noise.x) + noise.y * noise.y).squareRoot()
          voxels.append(signal > 0 ? Float(max(1, seen)) : 0)
        }
      }
    }
    volume = Volume(geometry: geometry, voxels: voxels)
    self.field = field
  }

  /// White 100, grey 70, fluid 25; 0 outside.
  private static func tissue(_ p: SIMD3<Double>) -> Double {
    let q = p / SIMD3(0.72, 0.85, 0.9)
    let r = (q * q).sum().squareRoot()
    if r >= 1 { return 0 }
    let fold = sin(9 * q.x + 2 * q.z) * sin(8 * q.y + 1) * cos(8 * q.z + q.x)
    if r + 0.08 * fold > 0.97 || r + 0.2 * fold < 0.22 { return 25 }
    return r + 0.12 * fold < 0.82 ? 100 : 70
  }

  var mask: [UInt8] { volume.voxels.map { $0 > 0 ? 1 : 0 } }
}

extension BiasField {
  /// The field's factor at every voxel of its scan.
  func factors(like volume: Volume) -> [Double] {
    let ones = Volume(geometry: volume.geometry, voxels: volume.voxels.map { _ in 1 })
    return corrected(ones, loop: .serial).voxels.map { 1 / Double($0) }
  }
}

/// Deviation over mean of `field` / `truth` where the truth is above 0 in `volume`'s brain.
func variation(of field: [Double], against truth: [Double], in volume: Volume) -> Double {
  let ratios = volume.voxels.indices.filter { volume.voxels[$0] > 0 && truth[$0] > 0 }.map {
    field[$0] / truth[$0]
  }
  let mean = ratios.reduce(0, +) / Double(ratios.count)
  return (ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count)).squareRoot() / mean
}

/// The fields that SimpleITK finds for scans of one size, from every `step`-th voxel.
func referenceFields(
  _ scans: [Volume], step: Int, settings: N4Settings
) throws -> [[Double]] {
  let size = scans[0].geometry.size
  let output = try RawArray.doubles(
    PythonReference.run(
      script: "n4_reference.py",
      arguments: [size.x, size.y, size.z, step].map(String.init) + [
        String(settings.convergence), settings.iterations.map(String.init).joined(separator: ","),
      ],
      input: RawArray.bytes(scans.flatMap { $0.voxels.map(Double.init) })))
  let count = scans[0].geometry.count
  return scans.indices.map { output[$0 * count..<($0 + 1) * count].map { exp($0) } }
}
