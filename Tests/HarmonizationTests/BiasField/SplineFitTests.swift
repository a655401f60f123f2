import Foundation
import Foundations
import Harmonization
import Imaging
import Testing

@Suite struct SplineFitTests {
  private static let phantom = BrainPhantom(size: [34, 30, 26], spacing: 4)

  private func samples() throws -> BiasSamples {
    try BiasSamples(Self.phantom.volume, mask: Self.phantom.mask, distance: 4)
  }

  private func randomLattice(_ points: SIMD3<Int>) -> SplineLattice {
    var stream = RandomStream(seed: 9, purpose: .test)
    return SplineLattice(
      points: points, values: (0..<points.x * points.y * points.z).map { _ in stream.normal() })
  }

  /// Samples that share no control point are met exactly: that is what Lee, Wolberg and Shin solve for each.
  @Test func lonelySamplesAreMet() throws {
    var volume = Volume(
      geometry: Self.phantom.volume.geometry, voxels: Self.phantom.volume.voxels.map { _ in 0 })
    (volume.voxels[0], volume.voxels[volume.voxels.count - 1]) = (20, 30)
    let samples = try BiasSamples(volume, mask: volume.voxels.map { _ in 1 }, distance: 4)
    #expect(samples.count == 2)
    let fit = SplineFit(samples, points: [7, 7, 7], loop: .serial)
    let met = fit.values(of: fit.lattice(of: [0.75, -2], loop: .serial), loop: .serial)
    #expect(zip(met, [0.75, -2]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(met)")
  }

  /// Fitting what is left, again and again, comes to any field of the spline's own space.
  @Test func aFieldOfItsSpaceIsReached() throws {
    let samples = try samples()
    let fit = SplineFit(samples, points: [4, 5, 4], loop: .serial)
    let field = fit.values(of: randomLattice([4, 5, 4]), loop: .serial)
    var lattice = SplineLattice(points: [4, 5, 4])
    var squares: [Float] = []
    for _ in 0..<800 {
      let left = zip(field, fit.values(of: lattice, loop: .serial)).map { $0 - $1 }
      squares.append(left.reduce(0) { $0 + $1 * $1 })
      lattice.add(fit.lattice(of: left, loop: .serial))
    }
    #expect(squares[799] < 1e-4 * squares[0], "\(squares[0]) to \(squares[799])")
    #expect(zip(squares, squares.dropFirst()).allSatisfy { $0 > $1 })
  }

  /// Twice as many spans hold the same field.
  @Test func refinementLeavesTheField() throws {
    let samples = try samples()
    let lattice = randomLattice([4, 5, 6])
    let refined = lattice.refined
    #expect(refined.points == [5, 7, 9])
    let coarse = SplineFit(samples, points: lattice.points, loop: .serial).values(of: lattice, loop: .serial)
    let fine = SplineFit(samples, points: refined.points, loop: .serial).values(of: refined, loop: .serial)
    let worst = zip(coarse, fine).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-6)
    #expect((coarse.max() ?? 0) - (coarse.min() ?? 0) > 0.1)
  }
}
