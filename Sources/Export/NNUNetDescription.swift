import Foundations
import Harmonization
import Interchange
import NeuralNetwork
import Reporting
import Training

/// A plan in nnU-Net's words: `dataset.json` and `plans.json` as nnunetv2 2.8 reads them beside a trained model.
///
/// What the model does not know, such as how many cases it was trained on, is left out. Labels are numbered through, as
/// nnU-Net asks: the network's own classes, which stand for the plan's label values in their order.
package struct NNUNetDescription {
  private let plan: TrainingPlan
  private let tensors: ChannelsFirstTensors
  private var isPicture: Bool { plan.spacing == nil }
  private var isResidual: Bool { tensors["encoder.stem.conv.weight"] != nil }

  /// Throws `ExportError.noCounterpart`, `file` naming the model.
  package init(_ plan: TrainingPlan, weights: [Float], file: String) throws {
    guard plan.architecture.downsampling == .stridedConvolution else {
      throw ExportError.noCounterpart(
        path: file, field: "network, downsampling", found: plan.architecture.downsampling.rawValue,
        expected: UNetArchitecture.Downsampling.stridedConvolution.rawValue)
    }
    guard plan.targets == .labels || plan.regions.contains(where: { $0.labels.count > 1 }) else {
      throw ExportError.noCounterpart(
        path: file, field: "targets", found: "regions of one label each",
        expected: "a region of several labels, or targets: labels")
    }
    self.plan = plan
    tensors = ChannelsFirstTensors(plan.architecture, weights: weights)
  }

  /// All tensors of nnU-Net's network, see `NNUNetNames`.
  package func namedTensors() -> [NamedTensor] { NNUNetNames(tensors).renamed() }

  // MARK: dataset.json

  package func dataset() -> JSONValue {
    let classes = Dictionary(uniqueKeysWithValues: plan.labels.enumerated().map { ($1.value, $0) })
    var labels: [(String, JSONValue)] = [("background", .integer(0))]
    var more: [(String, JSONValue)] = []
    switch plan.targets {
    case .labels:
      for (index, label) in plan.labels.enumerated().dropFirst() {
        labels.append((label.name, .integer(index)))
      }
    case .regions:
      for region in plan.regions {
        labels.append((region.name, .array(region.labels.compactMap { classes[$0] }.map { .integer($0) })))
      }
      let order = plan.paintedLabels.compactMap { classes[$0] }
      more.append(("regions_class_order", .array(order.map { .integer($0) })))
    }
    return .object(
      [
        (
          "channel_names",
          .object(plan.contrasts.enumerated().map { ("\($0)", .string($1)) })
        ),
        ("labels", .object(labels)),
      ] + more + [
        ("file_ending", .string(isPicture ? ".png" : ".nii.gz")),
        ("overwrite_image_reader_writer", .string(reader)),
        ("segfed", .object([("label_values", .array(plan.labelValues.map { .integer(Int($0)) }))])),
      ])
  }

  // MARK: plans.json

  package func plans() -> JSONValue {
    let identity: [JSONValue] = [.integer(0), .integer(1), .integer(2)]
    return .object([
      ("dataset_name", .string(plan.name)),
      ("plans_name", .string("segfed")),
      (
        "original_median_spacing_after_transp",
        .array((plan.spacing ?? [1, 1, 999]).reversed().map { .number($0) })
      ),
      ("image_reader_writer", .string(reader)),
      ("transpose_forward", .array(identity)),
      ("transpose_backward", .array(identity)),
      ("configurations", .object([(plan.dimensions == 2 ? "2d" : "3d_fullres", configuration)])),
      ("experiment_planner_used", .string("segfed")),
      ("label_manager", .string("LabelManager")),
      (
        "foreground_intensity_properties_per_channel",
        .object(plan.contrasts.indices.map { ("\($0)", .object([])) })
      ),
      ("segfed", .object([("harmonisation", .string(harmonisation))])),
    ])
  }

  private var configuration: JSONValue {
    let configuration = plan.dimensions == 2 ? "2d" : "3d_fullres"
    let order = ["nearest": 0, "linear": 1, "cubic": 3][plan.harmonisation.interpolation.rawValue] ?? 3
    func resampling(_ name: String, isLabels: Bool, order: Int) -> [(String, JSONValue)] {
      [
        ("resampling_fn_\(name)", .string("resample_data_or_seg_to_shape")),
        (
          "resampling_fn_\(name)_kwargs",
          .object([
            ("is_seg", .bool(isLabels)), ("order", .integer(order)), ("order_z", .integer(0)),
            ("force_separate_z", .null),
          ])
        ),
      ]
    }
    let scheme: String
    switch plan.harmonisation.intensity {
    case .zScore: scheme = "ZScoreNormalization"
    case .minMax: scheme = "RescaleTo01Normalization"
    // nnU-Net has none of these: scans come harmonised.
    case .none, .atlas, .whiteStripe, .fuzzyCMeans: scheme = "NoNormalization"
    }
    return .object(
      [
        ("data_identifier", .string("segfed_\(configuration)")),
        ("preprocessor_name", .string("DefaultPreprocessor")),
        ("batch_size", .integer(plan.batch)),
        ("patch_size", grid(plan.patch.map { .integer($0) })),
        ("spacing", grid((plan.spacing ?? [1, 1, 999]).map { .number($0) })),
        ("normalization_schemes", .array(plan.contrasts.map { _ in .string(scheme) })),
        ("use_mask_for_norm", .array(plan.contrasts.map { _ in .bool(plan.harmonisation.mask == .zeros) })),
      ] + resampling("data", isLabels: false, order: order) + resampling("seg", isLabels: true, order: 1)
        + resampling("probabilities", isLabels: false, order: 1) + [("architecture", architecture)])
  }

  private var architecture: JSONValue {
    let stages = tensors.stages
    let torch = "torch.nn.modules"
    let dimensions = "\(plan.dimensions)d"
    func list(_ value: (Int) -> [Int]) -> JSONValue {
      .array((0..<stages).map { .array(value($0).map { .integer($0) }) })
    }
    func counts(_ half: String, _ stages: some Sequence<Int>) -> JSONValue {
      .array(stages.map { .integer(tensors.blocks(of: "\(half).\($0)")) })
    }
    return .object([
      (
        "network_class_name",
        .string(
          "dynamic_network_architectures.architectures.unet."
            + (isResidual ? "ResidualEncoderUNet" : "PlainConvUNet"))
      ),
      (
        "arch_kwargs",
        .object([
          ("n_stages", .integer(stages)),
          ("features_per_stage", .array((0..<stages).map { .integer(width(of: $0)) })),
          ("conv_op", .string("\(torch).conv.Conv\(dimensions)")),
          ("kernel_sizes", list { tensors.kernel(of: firstConvolution(of: $0)) }),
          ("strides", list { tensors.step(into: $0) }),
          (isResidual ? "n_blocks_per_stage" : "n_conv_per_stage", counts("encoder", 0..<stages)),
          ("n_conv_per_stage_decoder", counts("decoder", (0..<stages - 1).reversed())),
          ("conv_bias", .bool(true)),
          ("norm_op", .string("\(torch).instancenorm.InstanceNorm\(dimensions)")),
          (
            "norm_op_kwargs",
            .object([("eps", .number(UNetArchitecture.normEpsilon as Double)), ("affine", .bool(true))])
          ),
          ("dropout_op", .null), ("dropout_op_kwargs", .null),
          ("nonlin", .string("torch.nn.LeakyReLU")),
          ("nonlin_kwargs", .object([("inplace", .bool(true))])),
        ])
      ),
      (
        "_kw_requires_import",
        .array(["conv_op", "norm_op", "dropout_op", "nonlin"].map { .string($0) })
      ),
    ])
  }

  private func firstConvolution(of stage: Int) -> String {
    "encoder.\(stage).0." + (isResidual ? "conv1.conv" : "conv")
  }

  private func width(of stage: Int) -> Int {
    tensors.required("\(firstConvolution(of: stage)).weight").shape[0]
  }

  /// The plan's x, y, z as nnU-Net has axes: z, y, x; in 2D y, x.
  private func grid(_ values: [JSONValue]) -> JSONValue { .array(values.prefix(plan.dimensions).reversed()) }

  /// The reader that turns scans to RAS, as segfed does.
  private var reader: String { isPicture ? "NaturalImage2DIO" : "NibabelIOWithReorient" }

  /// What segfed does to a scan before the network, and whether nnU-Net's preprocessing does the same.
  private var harmonisation: String {
    let settings = plan.harmonisation
    let summary = settings.summary
    let isKnown =
      settings.intensity == .zScore && settings.biasField == .none && settings.clip == nil
      && settings.mask == .zeros
    return isKnown
      ? "\(summary): as nnU-Net's DefaultPreprocessor"
      : "\(summary): not nnU-Net's DefaultPreprocessor; give nnU-Net scans of segfed harmonise"
  }
}
