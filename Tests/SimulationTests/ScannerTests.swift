import Foundations
import Imaging
import Simulation
import Testing

@Suite struct ScannerTests {
  @Test(arguments: ["RAS", "LPS", "LAS", "PIR", "ASL"])
  func orientationIsThatOfTheCode(code: String) {
    let scanner = Scanner(
      fieldStrength: 3, spacing: [1, 2, 3], orientation: code, noise: 0, biasField: 0)
    let geometry = scanner.geometry(size: [10, 20, 30], centre: [1, 2, 3])
    let axes: [Character: SIMD3<Double>] = [
      "R": [1, 0, 0], "L": [-1, 0, 0], "A": [0, 2, 0], "P": [0, -2, 0], "S": [0, 0, 3], "I": [0, 0, -3],
    ]
    for (axis, letter) in code.enumerated() {
      #expect(geometry.affine.column(axis) == axes[letter]!)
      let world = "RL".contains(letter) ? 0 : "AP".contains(letter) ? 1 : 2
      #expect(geometry.size[axis] == [10, 20, 30][world])
    }
    let last = SIMD3<Double>(
      Double(geometry.size.x - 1), Double(geometry.size.y - 1), Double(geometry.size.z - 1))
    #expect(geometry.affine.world(last / 2) == [1, 2, 3])
  }

  @Test func tiltTurnsTheGridAndKeepsVoxelSizes() {
    let scanner = Scanner(fieldStrength: 3, spacing: [1, 2, 3], tilt: 30, noise: 0, biasField: 0)
    let affine = scanner.geometry(size: [4, 4, 4]).affine
    #expect(abs(affine.spacing.y - 2) < 1e-12 && abs(affine.spacing.z - 3) < 1e-12)
    #expect(abs(affine.column(1).z - 1) < 1e-12)
  }

  private func scan(noise: Double, bias: Double = 0) -> SimulatedCase {
    let scanner = Scanner(
      fieldStrength: 1.5, spacing: [3, 3, 3], noise: noise, biasField: bias, whiteLevel: 10000)
    let simulator = CaseSimulator(
      identity: CaseIdentity(seed: 2, site: "noise", number: 1), scanner: scanner,
      mix: TumourMix(smallest: 30, largest: 60, enhancingShare: 1), loop: ParallelLoop(threads: 2))
    return simulator.scan(on: scanner.geometry(size: [54, 66, 56]))
  }

  /// Rice: E[M²] = S² + 2σ²; and where S = 0, E[M] = σ√(π/2). The background stays exactly 0.
  @Test func noiseIsRician() {
    let clean = scan(noise: 0)
    let noisy = scan(noise: 0.2)
    for contrast in Contrast.allCases {
      let s = clean.scans[contrast.rawValue].voxels
      let m = noisy.scans[contrast.rawValue].voxels
      #expect(zip(s, m).allSatisfy { ($0 == 0) == ($1 == 0) })
      #expect(m[0] == 0)
      var squares = 0.0
      var count = 0.0
      for (a, b) in zip(s, m) where a > 0 {
        squares += Double(b) * Double(b) - Double(a) * Double(a)
        count += 1
      }
      // σ is 0.2 of white matter's level, which lies within 0.8…1.25 of 10000.
      let sigma = (squares / count / 2).squareRoot()
      #expect(sigma > 0.2 * 8000 * 0.95 && sigma < 0.2 * 12500 * 1.05)
      guard contrast == .flair else { continue }
      var dark = 0.0
      var darkCount = 0.0
      for (a, b) in zip(s, m) where a > 0 && Double(a) < 0.1 * sigma {
        dark += Double(b)
        darkCount += 1
      }
      #expect(darkCount > 50)
      #expect(abs(dark / darkCount / (sigma * (Double.pi / 2).squareRoot()) - 1) < 0.1)
    }
  }

  @Test func biasFieldChangesSignalSmoothlyWithinItsStrength() {
    let clean = scan(noise: 0)
    let biased = scan(noise: 0, bias: 0.4)
    var least = Float.infinity
    var most: Float = 0
    for (a, b) in zip(clean.scans[0].voxels, biased.scans[0].voxels) where a > 3000 {
      least = min(least, b / a)
      most = max(most, b / a)
    }
    print("bias field from \(least) to \(most)")
    #expect(most / least > 1.1 && most / least < 1.6)
  }
}
