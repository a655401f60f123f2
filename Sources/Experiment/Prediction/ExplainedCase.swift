import Explanation
import Foundation
import Foundations
import Imaging
import Pictures
import Training

/// A case as a model sees it: what it predicts, how sure it is, and where it looks for each region.
package enum ExplainedCase {
  /// Predicts and explains the plan's regions as `segfed predict --entropy` and `segfed explain` do, in the scan's own grid.
  ///
  /// - Parameters:
  ///   - output: a file beside which maps may lie for a while, without a name.
  ///   - check: called between two patches, and may throw to stop.
  ///
  /// Throws the modules' described errors where a file is missing or damaged, or the model does not fit the case.
  package static func layers(
    of files: CaseFiles, model: ModelFile, policy: CasePolicy, output: String, loop: ParallelLoop,
    check: @escaping () throws -> Void
  ) throws -> CaseLayers {
    let plan = model.plan
    let read = try ReadCase(files, plan: plan, policy: policy, needsLabels: false, loop: loop)
    let item = try PreparedCase(files, plan: plan, policy: policy, needsLabels: false, loop: loop).harmonized
    let maps = try PredictionMaps(
      PredictionMaps.Kinds(entropy: true), item, plan: plan, beside: output)
    let predictor = try Predictors([model], inference: InferenceChoice(), loop: loop).predictor(of: [model])
    try check()
    let prediction = try predictor.predict(
      item, maps: maps, progress: Predictor.Progress(advances: { _ in try check() }))
    let mapper = try HeatMapper(plan: plan, weights: model.weights, stage: nil, loop: loop)
    let heat = try plan.regions.compactMap { region in
      try ExplainedRegion(named: region.name, in: plan).map {
        (name: region.name, map: try mapper.map(of: $0, in: item, advance: check))
      }
    }
    let content = CaseLayers.Content(
      contrasts: plan.contrasts, scans: read.input.images, reference: read.input.labels,
      prediction: prediction, entropy: try maps.entropy(), heat: heat)
    return CaseLayers(content, view: try files.view, loop: loop)
  }
}
