import Foundations
import Imaging

extension LesionScorer {
  /// BraTS 2023: components of the reference that a dilation joins are one lesion; it is matched with every component of the
  /// prediction that its dilation touches. Small lesions do not count, but what is matched with them is no false positive.
  ///
  /// Dice = Σ / (lesions + false positives), 1 where there is neither; HD95 takes `penalty` mm for each missed lesion and
  /// each false positive, 0 where there is neither.
  func mergedByDilation(_ tumour: TumourType, penalty: Double) -> LesionScores {
    guard let box = masks.box else { return LesionScores(dice: 1, hausdorff95: 0) }
    // The box with room for the dilation, within the grid.
    let room = SIMD3(repeating: tumour.dilations)
    let low = pointwiseMax(box.origin &- room, .zero)
    let high = pointwiseMin(box.last &+ room, grid.size &- 1)
    let size = high &- low &+ 1
    let inner = GridBox(origin: box.origin &- low, size: box.size)
    var (prediction, reference) = ([UInt8](repeating: 0, count: size.x * size.y * size.z), [UInt8]())
    reference = prediction
    inner.paste(masks.prediction, into: &prediction, of: size)
    inner.paste(masks.reference, into: &reference, of: size)

    let parts = Self.components(of: prediction, size: size, connectivity: .corners, loop: loop)
    let dilated = Dilation.edges(reference, size: size, times: tumour.dilations)
    // A lesion's dilation is the component of the dilated reference that it lies in.
    let reach = Self.components(of: dilated, size: size, connectivity: .corners, loop: loop)
    var lesions = reach.numbers
    var voxels = [Int](repeating: 0, count: reach.count + 1)
    for index in lesions.indices {
      if reference[index] == 0 { lesions[index] = 0 } else { voxels[Int(lesions[index])] += 1 }
    }
    var touched = [Set<Int>](repeating: [], count: reach.count + 1)
    var isTouched = [Bool](repeating: false, count: parts.count + 1)
    Self.forEachOverlap(reach.numbers, parts.numbers) { lesion, part, _ in
      touched[lesion].insert(part)
      isTouched[part] = true
    }

    let kept = (1..<reach.count + 1).filter { Double(voxels[$0]) * voxelVolume > tumour.ignoredVolume }
    let pairings = kept.filter { !touched[$0].isEmpty }
      .map { Pairing(lesion: $0, parts: touched[$0].sorted()) }
    let found = scores(
      of: pairings, lesions: lesions, lesionCount: reach.count, parts: parts.numbers,
      partCount: parts.count, size: size, tolerance: tolerance ?? rule.tolerance)
    var result = LesionScores()
    result.truePositives = pairings.count
    result.falseNegatives = kept.count - pairings.count
    result.falsePositives = (1..<parts.count + 1).count { !isTouched[$0] }
    let all = Double(kept.count + result.falsePositives)
    let wrong = Double(result.falseNegatives + result.falsePositives)
    result.dice = all == 0 ? 1 : found.reduce(0) { $0 + $1.dice } / all
    result.hausdorff95 = all == 0 ? 0 : (found.reduce(0) { $0 + $1.hausdorff95 } + penalty * wrong) / all
    return result
  }
}
