import Foundations
import Imaging
import Simulation
import Testing

/// Where tumour may be, on a 2 mm grid, for six tumours of both grades.
@Suite struct TumourTests {
  static let scanner = Scanner(fieldStrength: 3, spacing: [2, 2, 2], noise: 0, biasField: 0)
  static let grid = scanner.geometry(size: [82, 100, 86])

  static let simulators: [CaseSimulator] = (1...6).map { number in
    CaseSimulator(
      identity: CaseIdentity(seed: 4, site: "tumours", number: number), scanner: scanner,
      mix: TumourMix(smallest: 30, largest: 120, enhancingShare: number <= 4 ? 1 : 0),
      loop: ParallelLoop(threads: 2))
  }
  static let cases: [SimulatedCase] = simulators.map { $0.scan(on: grid) }

  private func counts(_ labels: [UInt16]) -> [Int] {
    [0, 1, 2, 4].map { label in labels.reduce(0) { $0 + (Int($1) == label ? 1 : 0) } }
  }

  @Test func labelsAndGradesAreThoseOfBraTS() {
    for (index, made) in Self.cases.enumerated() {
      let count = counts(made.labels.labels)
      #expect(count.reduce(0, +) == made.labels.labels.count)
      #expect(made.isEnhancing == (index < 4))
      #expect((count[3] > 0) == made.isEnhancing)
      #expect(count[1] > 0 && count[2] > 0)
      // The plan's volume is nearly reached; fluid and cortex that the front skirts take the rest.
      let planned = Self.simulators[index].plannedVolumes
      let whole = Double(count[1] + count[2] + count[3]) * 0.008
      #expect(whole > 0.5 * (planned.core + planned.edema) && whole < 1.5 * (planned.core + planned.edema))
    }
  }

  @Test func edemaFollowsWhiteMatterAndNeverEntersFluid() {
    var white: Float = 0
    var grey: Float = 0
    var count: Float = 0
    for (made, simulator) in zip(Self.cases, Self.simulators) {
      for index in 0..<made.labels.labels.count where made.labels.labels[index] == 2 {
        let at = position(index)
        let (tissue, tumour) = simulator.composition(at: at, voxel: 2)
        #expect(tissue.fluid < 0.75, "edema in fluid at \(at)")
        #expect(tumour.edemaLabel <= 1 - tissue.fluid + 1e-4)
        white += tissue.white + tissue.hyperintensity
        grey += tissue.grey
        count += 1
      }
    }
    print("edema is white matter to \(white / count), grey to \(grey / count)")
    #expect(white > 2 * grey)
  }

  @Test func necrosisIsEnclosedByTheRim() {
    for made in Self.cases where made.isEnhancing {
      let labels = made.labels.labels
      var inside = 0
      var open = 0
      for index in 0..<labels.count where labels[index] == 1 {
        inside += 1
        let neighbours = steps.flatMap { [labels[index - $0], labels[index + $0]] }
        if neighbours.contains(where: { $0 == 0 || $0 == 2 }) { open += 1 }
      }
      #expect(Double(open) < 0.2 * Double(inside), "\(open) of \(inside) voxels of necrosis lie open")
    }
  }

  @Test func rimEnhancesAndOtherTumourDoesNot() {
    for made in Self.cases where made.isEnhancing {
      func mean(_ contrast: Contrast, _ label: UInt16) -> Float {
        var sum: Float = 0
        var count: Float = 0
        for (voxel, found) in zip(made.scans[contrast.rawValue].voxels, made.labels.labels)
        where found == label {
          sum += voxel
          count += 1
        }
        return sum / count
      }
      #expect(mean(.t1ce, 4) > 1.2 * mean(.t1ce, 2))
      #expect(mean(.t1ce, 4) > 1.3 * mean(.t1ce, 1))
      #expect(mean(.t1, 4) < 1.15 * mean(.t1, 2))
    }
  }

  @Test func shapesAreNotBalls() {
    for made in Self.cases {
      let labels = made.labels.labels
      var volume = 0
      var faces = 0
      for index in 0..<labels.count where labels[index] != 0 {
        volume += 1
        for step in steps {
          if labels[index - step] == 0 { faces += 1 }
          if labels[index + step] == 0 { faces += 1 }
        }
      }
      // A digital ball of V voxels has about 7.25 · V^(2/3) faces (1.5 × its true surface).
      let ball = 7.25 * PortableMath.pow(Double(volume), 2.0 / 3)
      #expect(Double(faces) > 1.1 * ball, "\(faces) faces, a ball \(ball)")
    }
  }

  @Test func massEffectPushesOutwardsAndFadesAway() {
    let push = MassEffect(centre: [10, 0, 5], radius: 20, strength: 0.5)
    var last: Float = 0
    for step in 1...200 {
      let distance = Float(step) * 0.5
      let from = push.source(of: SIMD3(10 + distance, 0, 5)).x - 10
      #expect(from <= distance && from > last, "tissue neither folds over nor moves inwards")
      last = from
    }
    #expect(push.source(of: [100, 0, 5]) == [100, 0, 5])
  }

  private var steps: [Int] { [1, Self.grid.size.x, Self.grid.size.x * Self.grid.size.y] }

  private func position(_ index: Int) -> SIMD3<Float> {
    let size = Self.grid.size
    let world = Self.grid.affine.world(
      SIMD3(Double(index % size.x), Double(index / size.x % size.y), Double(index / (size.x * size.y))))
    return SIMD3(Float(world.x), Float(world.y), Float(world.z))
  }
}
