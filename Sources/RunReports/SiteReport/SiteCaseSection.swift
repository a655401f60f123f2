import Experiment
import Foundations
import Metrics
import Pages
import Pictures
import Training

/// One case of a site in pictures: what the model predicts, where it errs, how sure it is, where it looks.
struct SiteCaseSection {
  private let chosen: ChosenCase
  private let layers: CaseLayers
  private let plan: TrainingPlan
  private let convention: MetricConvention
  private let pictures: CasePictures
  private let id: String
  private let planes: String

  init(_ chosen: ChosenCase, _ layers: CaseLayers, record: SiteRecord) {
    self.chosen = chosen
    self.layers = layers
    plan = record.model.plan
    convention =
      record.configuration.scoring.flatMap { MetricConvention.named($0.convention) } ?? .brats2023
    pictures = CasePictures(layers)
    id = Self.id(of: chosen)
    let names = layers.planes.map { $0.name(in: layers.view) }
    planes =
      names.count > 1
      ? "planes from left to right: \(names.joined(separator: ", "))" : "the whole picture"
  }

  /// Of a case that cannot be shown.
  static func missing(_ chosen: ChosenCase, reason: String) -> Page.Section {
    Page.Section(
      id: id(of: chosen), title: chosen.title,
      blocks: [
        .facts([Page.Fact("Case", chosen.name)]), .notice("This case cannot be shown. \(reason)"),
      ])
  }

  private static func id(of chosen: ChosenCase) -> String { Slug.of(chosen.title, among: [chosen.title]) }

  var section: Page.Section {
    var blocks: [Page.Block] = [.facts(facts)]
    if layers.reference == nil {
      blocks.append(
        .notice(
          "The site has no label map of this case: its prediction is shown, how sure the model is and where it looks, but no errors."
        ))
    }
    if let difference { blocks.append(.notice(difference)) }
    if pictures.isEmpty {
      blocks.append(.notice("The scan is a mere line of voxels: there is no plane to show."))
    } else {
      blocks.append(
        .pictures([outlines, errors, uncertainty].compactMap { $0 } + plan.regions.indices.map(heat)))
      blocks.append(.viewer(viewer))
    }
    return Page.Section(id: id, title: chosen.title, blocks: blocks)
  }

  private var facts: [Page.Fact] {
    var facts = [Page.Fact("Case", chosen.name)]
    if let score = chosen.score {
      if let mean = score.mean { facts.append(Page.Fact("Mean Dice", Number.dice(mean))) }
      for (index, region) in plan.regions.enumerated() {
        let distance = score.hausdorff[index].map { ", HD95 \(Number.fixed($0, 2)) mm" } ?? ""
        let dice = score.dice[index].map { Number.dice($0) } ?? "none"
        facts.append(Page.Fact(region.name, "Dice \(dice)\(distance)"))
      }
    }
    return facts
  }

  /// That the prediction made now is not the one that was tested; nil where its Dice is the same.
  private var difference: String? {
    guard let score = chosen.score, let reference = layers.reference else { return nil }
    let now = CaseMetrics.score(
      prediction: layers.prediction, reference: reference, regions: plan.regions,
      settings: .diceOnly(convention), loop: .serial)
    let differing = plan.regions.indices.compactMap { index -> String? in
      guard let tested = score.dice[index] else { return nil }
      let found = now[index].values[0]
      // Other kernels give other last digits, and a voxel on the edge here and there.
      return found.isNaN || abs(found - tested) <= 0.002
        ? nil
        : "\(plan.regions[index].name) \(Number.dice(found)) now and \(Number.dice(tested)) in metrics.csv"
    }
    return differing.isEmpty
      ? nil
      : "These files or this model are not those that were tested: Dice is \(differing.joined(separator: "; "))."
  }

  // MARK: - Pictures

  private func picture(
    _ part: String, _ title: String, _ image: RenderedPicture, caption: String, alternative: String,
    legend: [Page.LegendEntry] = [], isWide: Bool = false
  ) -> Page.Picture {
    Page.Picture(
      id: "\(id)-\(part)", title: title, caption: caption, alternative: "Case \(chosen.name): \(alternative)",
      image: Page.Image(image), legend: legend, isWide: isWide)
  }

  private var outlines: Page.Picture {
    let isCompared = layers.reference != nil
    let rows = layers.scans.map(\.contrast).joined(separator: ", ")
    let lines =
      isCompared
      ? "Continuous lines: the reference; paler dashes: the prediction, upon the reference's lines where both agree."
      : "Lines: the prediction."
    return picture(
      "outlines", isCompared ? "Reference and prediction" : "Prediction", pictures.outlines(),
      caption: "Slices through the lesion; rows: \(rows); \(planes). \(lines)",
      alternative: (isCompared ? "outlines of reference and prediction" : "outlines of the prediction")
        + " over \(rows).",
      legend: plan.labels.filter { $0.value != 0 }.map { label in
        Page.LegendEntry(
          image: Page.Image(CasePictures.sample(ofLabel: label.value)), look: "colour of its line",
          meaning: label.name)
      }, isWide: true)
  }

  private var errors: Page.Picture? {
    guard let map = layers.errors, let image = pictures.errors() else { return nil }
    let spacing = layers.prediction.geometry.spacing
    let millilitres = spacing.x * spacing.y * spacing.z / 1000
    func size(_ kind: ErrorMap.Kind) -> String {
      let count = map.count(of: kind)
      let volume =
        layers.view == .picture ? "" : ", \(Number.fixed(Double(count) * millilitres, 2)) ml"
      return "\(Number.count(count)) \(layers.view == .picture ? "pixels" : "voxels")\(volume)"
    }
    let kinds: [(kind: ErrorMap.Kind, look: String, meaning: String)] = [
      (.agreed, "plain green", "agreed"),
      (.falsePositive, "orange stripes, rising", "false positive (predicted alone)"),
      (.falseNegative, "blue stripes, falling", "false negative (missed)"),
      (.otherLabel, "yellow dots", "another label than the reference's"),
    ]
    return picture(
      "errors", "Errors", image,
      caption: "Over \(pictures.background); \(planes). Counts are of the whole case.",
      alternative: "where prediction and reference differ. "
        + kinds.map { "\($0.meaning): \(size($0.kind))" }.joined(separator: "; ") + ".",
      legend: kinds.map { entry in
        Page.LegendEntry(
          image: Page.Image(CasePictures.sample(of: entry.kind)), look: entry.look,
          meaning: "\(entry.meaning): \(size(entry.kind))")
      }, isWide: true)
  }

  private var uncertainty: Page.Picture {
    let outputs =
      plan.targets == .labels ? "the labels' probabilities" : "each region's probability, their mean"
    return picture(
      "uncertainty", "Uncertainty", pictures.uncertainty(),
      caption:
        "Entropy of \(outputs), as a share of the highest possible: nothing where the model is certain, red, then yellow where it cannot "
        + "decide. Over \(pictures.background); \(planes).",
      alternative: "how undecided the model is; highest value \(highest(layers.entropy.voxels)).")
  }

  private func heat(_ index: Int) -> Page.Picture {
    let name = plan.regions[index].name
    let map = layers.heat[index].volume.voxels
    let isEmpty = !map.contains { $0 > 0 }
    return picture(
      "heat-\(index + 1)", "Grad-CAM of \(name)", pictures.heat(index),
      caption: isEmpty
        ? "Nothing is shown: the model calls no voxel \(name), or nothing in the scan speaks for it."
        : "Where the model looks for \(name): red, then yellow where it matters most. Over \(pictures.background); \(planes).",
      alternative: isEmpty ? "no Grad-CAM of \(name)." : "where the model looks for \(name).")
  }

  private func highest(_ values: [Float]) -> String { Number.fixed(Double(values.max() ?? 0), 2) }

  // MARK: - Viewer

  private var viewer: Page.Viewer {
    let volumes = ViewerVolumes(layers, labels: plan.labelValues)
    let thinning = volumes.thinning
    var about = Page.About()
    about.contrasts = layers.scans.map { .init(name: $0.contrast, black: $0.black, white: $0.white) }
    about.labels = plan.labels.map { label in
      let colour = CasePictures.colour(ofLabel: label.value)
      return .init(name: label.name, colour: [Int(colour.x), Int(colour.y), Int(colour.z)])
    }
    about.labelStep = volumes.labelStep
    about.regions = layers.heat.map(\.name)
    about.hasReference = layers.reference != nil
    about.planes = layers.planes.map {
      .init(
        name: $0.name(in: layers.view), across: $0.across, down: $0.down, normal: $0.normal,
        isTurned: $0.isTurned, mark: $0.letter(in: layers.view))
    }
    about.size = Self.list(volumes.atlas.size)
    about.columns = volumes.atlas.columns
    about.spacing = (0..<3).map { volumes.spacing[$0] }
    about.whole = Self.list(layers.wholeSize)
    about.origin = Self.list(layers.origin)
    about.thinning = thinning
    about.focus = Self.list(layers.focus / SIMD3(thinning, thinning, 1))
    let note =
      thinning > 1
      ? "To keep this file small, one voxel stands for \(thinning) × \(thinning) of a slice; the pictures above have all of them."
      : nil
    return Page.Viewer(
      title: "case \(chosen.name)", note: note, about: about, scans: volumes.scans, labels: volumes.labels,
      heat: volumes.heat)
  }

  private static func list(_ values: SIMD3<Int>) -> [Int] { [values.x, values.y, values.z] }
}

extension Page.Image {
  init(_ picture: RenderedPicture) {
    self.init(png: picture.png, width: picture.width, height: picture.height)
  }
}
