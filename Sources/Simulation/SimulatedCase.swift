import Foundations
import Imaging

/// One subject's scans and label map, all on one grid.
package struct SimulatedCase: Sendable, Equatable {
  /// In `Contrast`'s order. Background is exactly 0, the brain above 0.
  package let scans: [Volume]
  /// 0 none, 1 necrotic or non-enhancing core, 2 edema, 4 enhancing rim.
  package let labels: LabelVolume
  package let isEnhancing: Bool
}

/// Who is scanned: names all random numbers of one case.
package struct CaseIdentity: Sendable, Equatable {
  package var seed: UInt64
  /// Site and split, as streams are named.
  package var site: String
  package var number: Int

  package init(seed: UInt64, site: String, number: Int) {
    self.seed = seed
    self.site = site
    self.number = number
  }
}

/// Makes one case: head, tumour, scan.
package struct CaseSimulator: Sendable {
  let identity: CaseIdentity
  let scanner: Scanner
  let anatomy: BrainAnatomy
  let tumour: Tumour
  let loop: ParallelLoop

  /// Draws the head and grows the tumour.
  package init(identity: CaseIdentity, scanner: Scanner, mix: TumourMix, loop: ParallelLoop) {
    self.identity = identity
    self.scanner = scanner
    self.loop = loop
    anatomy = BrainAnatomy(seed: identity.seed, site: identity.site, sample: identity.number)
    tumour = Tumour(
      mix: mix, anatomy: anatomy, seed: identity.seed, site: identity.site, sample: identity.number,
      loop: loop)
  }

  /// The height in mm of the axial plane through the tumour's middle, for slices.
  package var tumourHeight: Double { Double(tumour.push.centre.z) }

  /// Tissue and tumour at a position in mm: the ground truth behind every voxel.
  @inline(__always)
  func composition(
    at position: SIMD3<Float>, voxel: Float, depths: UnsafeBufferPointer<SIMD4<Float>>
  ) -> (tissue: TissueFractions, tumour: TumourFractions) {
    let tissue = anatomy.tissue(at: tumour.push.source(of: position), voxel: voxel)
    if tissue.mask == 0 { return (tissue, TumourFractions()) }
    return (tissue, tumour.fractions(at: position, healthy: tissue, voxel: voxel, depths: depths))
  }

  /// Tissue and tumour at a position in mm, with surfaces softened over `voxel` mm.
  package func composition(
    at position: SIMD3<Float>, voxel: Float
  ) -> (tissue: TissueFractions, tumour: TumourFractions) {
    tumour.withDepths { composition(at: position, voxel: voxel, depths: $0) }
  }

  /// How the tumour pushed the tissue around it.
  package var massEffect: MassEffect { tumour.push }

  /// What the tumour was planned to hold, in mL.
  package var plannedVolumes: (core: Double, edema: Double) {
    (tumour.specification.coreVolume, tumour.specification.edemaVolume)
  }

  /// Scans the head on a grid.
  package func scan(on geometry: Geometry) -> SimulatedCase {
    let fine = FineGrid(geometry)
    var stream = RandomStream(
      seed: identity.seed, purpose: .scanner, site: identity.site, sample: identity.number)
    let table = SignalTable(scanner: scanner, stream: &stream)
    let acquisition = Acquisition(
      scanner: scanner, white: table.white, identity: identity, stream: &stream)
    var (signals, labels) = evaluate(fine, table: table, texture: acquisition.texture)
    var counts = fine.samples
    for axis in 0..<3 {
      let factor = fine.factors[axis]
      let spread = FineGrid.gaussian(width: scanner.pointSpread, factor: factor)
      let box = [Float](repeating: 1 / Float(factor), count: factor)
      signals = FineGrid.gather(
        signals, counts: counts, axis: axis, factor: factor, weights: spread, loop: loop)
      labels = FineGrid.gather(
        labels, counts: counts, axis: axis, factor: factor, weights: box, loop: loop)
      counts[axis] /= factor
    }
    let scans = acquisition.scans(signals, labels, fine: fine, geometry: geometry, loop: loop)
    return SimulatedCase(
      scans: scans, labels: drawLabels(labels, fine: fine, geometry: geometry),
      isEnhancing: tumour.specification.isEnhancing)
  }

  /// Signals (t1, t1ce, t2, flair) and label shares (core, rim, edema, brain) at every sample.
  private func evaluate(
    _ fine: FineGrid, table: SignalTable, texture: NoiseField
  ) -> (signals: [SIMD4<Float>], labels: [SIMD4<Float>]) {
    let counts = fine.samples
    let total = counts.x * counts.y * counts.z
    var signals = [SIMD4<Float>](repeating: .zero, count: total)
    var labels = signals
    signals.withUnsafeMutableBufferPointer { signals in
      nonisolated(unsafe) let signals = signals
      labels.withUnsafeMutableBufferPointer { labels in
        nonisolated(unsafe) let labels = labels
        tumour.withDepths { depths in
          nonisolated(unsafe) let depths = depths
          loop.forEach(counts.z) { k, _ in
            for j in 0..<counts.y {
              let row = fine.origin + fine.steps[2] * Float(k) + fine.steps[1] * Float(j)
              for i in 0..<counts.x {
                let position = row + fine.steps[0] * Float(i)
                let (tissue, mass) = composition(at: position, voxel: fine.resolution, depths: depths)
                if tissue.mask == 0 { continue }
                let index = i + counts.x * (j + counts.y * k)
                let grain = texture.sample(position) * 0.07 + 1
                signals[index] = table.signal(tissue, mass) * grain * tissue.mask
                labels[index] = SIMD4(mass.core, mass.rim, mass.edemaLabel, 1) * tissue.mask
              }
            }
          }
        }
      }
    }
    return (signals, labels)
  }

  /// The label that fills most of a voxel, where tumour fills half of it.
  private func drawLabels(
    _ shares: [SIMD4<Float>], fine: FineGrid, geometry: Geometry
  ) -> LabelVolume {
    var labels = [UInt16](repeating: 0, count: geometry.count)
    for k in 0..<fine.size.z {
      for j in 0..<fine.size.y {
        let from = fine.size.x * (j + fine.size.y * k)
        let into = geometry.offset(fine.lower.x, fine.lower.y + j, fine.lower.z + k)
        for i in 0..<fine.size.x {
          let share = shares[from + i]
          if share.w < 0.5 || share.x + share.y + share.z < 0.5 { continue }
          labels[into + i] =
            share.x >= share.y && share.x >= share.z ? 1 : share.y >= share.z ? 4 : 2
        }
      }
    }
    return LabelVolume(geometry: geometry, labels: labels)
  }
}
