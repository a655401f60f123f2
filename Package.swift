// swift-tools-version: 6.1
import PackageDescription

// One package, one binary. The order of the sections is the order of the arrows: a target
// imports only what stands above it here (README, "Architecture"); `ArchitectureTests` holds it.

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]
let serving = TargetDependencyCondition.when(traits: ["Serving"])

func module(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// The kernels for CPUs of one level. The plugin joins `Sources/KernelSources` into one file for each variant.
func kernels(
  _ name: String, _ dependencies: [Target.Dependency], level: String? = nil, define: String? = nil
) -> Target {
  // No function may be a weak symbol, of which the linker keeps any one for all. Swift makes them where a module has
  // several objects and is optimised as a whole, and where it specialises a signature.
  let strong = ["-no-whole-module-optimization", "-Xllvm", "-sil-disable-pass=function-signature-opts"]
  var clang = level.map { ["-march=\($0)"] } ?? []
  // The level x86-64-v4 is tuned for 256-bit registers unless told otherwise.
  if level == "x86-64-v4" { clang += ["-Xclang", "-target-feature", "-Xclang", "-prefer-256-bit"] }
  return .target(
    name: name, dependencies: dependencies,
    swiftSettings: strict + (define.map { [.define($0)] } ?? [])
      + [.unsafeFlags(strong + clang.flatMap { ["-Xcc", $0] })],
    linkerSettings: [.linkedLibrary("m")], plugins: ["KernelVariant"])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: ["TestSupport"] + dependencies, exclude: exclude,
    swiftSettings: strict)
}

let package = Package(
  name: "segfed",
  products: [.executable(name: "segfed", targets: ["segfed"])],
  traits: [
    .default(enabledTraits: ["Serving"]),
    .trait(
      name: "Serving",
      description: "segfed serve: reports over HTTP. Without it nothing of segfed opens a socket."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // MARK: - Foundations
    .target(name: "CClosure"),
    module("Foundations", ["CClosure", .product(name: "Crypto", package: "swift-crypto")]),

    module("Statistics", ["Foundations"]),
    module("Terminal", ["Foundations"]),

    // MARK: - Engine
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CProcessor"),
    module("Kernels", []),
    .plugin(name: "KernelVariant", capability: .buildTool()),
    kernels("KernelsPortable", ["Kernels", "CProcessor"]),
    kernels("KernelsAVX2", ["Kernels", "CProcessor"], level: "x86-64-v3", define: "SEGFED_AVX2"),
    kernels("KernelsAVX512", ["Kernels", "CProcessor"], level: "x86-64-v4", define: "SEGFED_AVX512"),
    module(
      "Tensor",
      [
        "Foundations", "Kernels", "KernelsPortable", "KernelsAVX2", "KernelsAVX512", "CProcessor",
        "COpenBLAS",
      ]),
    module("NeuralNetwork", ["Foundations", "Kernels", "Tensor"]),

    // MARK: - Scans
    .target(
      name: "CNIfTI",
      linkerSettings: [
        .linkedLibrary("nifti2"), .linkedLibrary("znz"), .linkedLibrary("z"), .linkedLibrary("deflate"),
      ]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    module("Imaging", ["Foundations", "CNIfTI", "CPNG"]),
    module("Harmonization", ["Foundations", "Imaging"]),
    module("Metrics", ["Foundations", "Imaging"]),
    module("Pictures", ["Foundations", "Imaging"]),
    module("Simulation", ["Foundations", "Imaging", .product(name: "Yams", package: "Yams")]),

    // MARK: - Training
    module(
      "Interchange",
      ["Foundations", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto", "TensorBoard/event.proto"]),
    .plugin(name: "EmbeddedTexts", capability: .buildTool()),
    .target(
      name: "Training",
      dependencies: [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Kernels", "Tensor",
        "NeuralNetwork", "Interchange", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict, plugins: ["EmbeddedTexts"]),
    module("Fingerprint", ["Foundations"]),
    module("Planning", ["Foundations", "Fingerprint", "Tensor", "NeuralNetwork", "Training"]),

    // MARK: - Federation
    module(
      "FederationProtocol",
      ["Foundations", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["federation.proto"]),
    module("FolderTransport", ["Foundations", "FederationProtocol"]),
    module(
      "Site",
      [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Interchange", "Training", "Fingerprint",
        "FederationProtocol",
      ]),
    module("Coordinator", ["Foundations", "Interchange", "Fingerprint", "FederationProtocol"]),
    module(
      "Adversary",
      [
        "Foundations", "Statistics", "Harmonization", "Interchange", "Training", "FederationProtocol", "Site",
      ]),

    // MARK: - Studies
    module(
      "Study",
      [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Training", "FederationProtocol", "Coordinator",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
      ]),
    // MARK: - Reports and the command line
    module("Reporting", ["Foundations"]),
    module("Plots", ["Foundations"]),
    .target(
      name: "Pages",
      dependencies: ["Foundations", "Plots", .product(name: "Mustache", package: "swift-mustache")],
      exclude: ["Templates"], swiftSettings: strict, plugins: ["EmbeddedTexts"]),
    module(
      "Export",
      [
        "Foundations", "Harmonization", "NeuralNetwork", "Interchange", "Training", "Reporting",
      ]),
    module(
      "Explanation",
      [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Tensor", "NeuralNetwork", "Training",
        "Reporting",
      ]),
    module("Inspection", ["Foundations", "Imaging", "Harmonization", "Pictures", "Reporting"]),
    module(
      "Benchmarking",
      [
        "Foundations", "Imaging", "Harmonization", "Kernels", "Tensor", "NeuralNetwork", "Training",
        "Reporting",
      ]),
    module(
      "Diagnosis",
      [
        "Foundations", "Imaging", "Tensor", "Training", "Benchmarking", "Reporting",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    module(
      "Experiment",
      [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Tensor", "Interchange", "Training", "Export",
        "Explanation", "Pictures", "Fingerprint", "Planning", "FederationProtocol", "FolderTransport", "Site",
        "Coordinator", "Adversary", "Study", "Statistics", "Reporting", "Terminal",
        .product(name: "Yams", package: "Yams"),
      ]),
    module(
      "RunReports",
      [
        "Foundations", "Statistics", "Imaging", "Harmonization", "Metrics", "Pictures", "Training",
        "FederationProtocol", "Coordinator", "Site", "Reporting", "Plots", "Pages", "Inspection",
        "Experiment",
      ]),
    module(
      "Serving",
      [
        "Foundations", .product(name: "FlyingFox", package: "FlyingFox", condition: serving),
        .product(name: "FlyingSocks", package: "FlyingFox", condition: serving),
      ]),
    .executableTarget(
      name: "segfed",
      dependencies: [
        "Foundations", "Imaging", "Harmonization", "Metrics", "Training", "Tensor", "Benchmarking",
        "Diagnosis", "Simulation", "Statistics", "Coordinator", "Adversary", "Study", "Experiment",
        "Inspection", "Planning", "Reporting", "Pictures", "Terminal", "Plots", "RunReports",
        .target(name: "Serving", condition: serving),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: - Tests
    .target(
      name: "TestSupport", dependencies: ["Foundations"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    tests("Foundations", ["Foundations"]),
    tests("Kernels", ["Kernels", "Tensor", "Foundations"]),
    tests("Tensor", ["Tensor", "Kernels"]),
    tests(
      "NeuralNetwork",
      ["NeuralNetwork", "Kernels", "Tensor", "Interchange", "Foundations", "CAllocationCounter"],
      exclude: ["Golden"]),
    tests("Imaging", ["Imaging", "Foundations"]),
    tests(
      "Harmonization", ["Harmonization", "Simulation", "Imaging", "Interchange", "Foundations"],
      exclude: ["Golden"]),
    tests("Metrics", ["Metrics", "Imaging", "Foundations"], exclude: ["Golden"]),
    tests("Simulation", ["Simulation", "Imaging", "Metrics", "Foundations"]),
    tests("Interchange", ["Interchange", "Foundations"], exclude: ["Golden"]),
    tests(
      "Training",
      [
        "Training", "NeuralNetwork", "Kernels", "Tensor", "Imaging", "Harmonization", "Interchange",
        "Foundations",
      ], exclude: ["Golden"]),
    tests("Fingerprint", ["Fingerprint", "Foundations"]),
    tests(
      "Planning", ["Planning", "Fingerprint", "Training", "NeuralNetwork", "Foundations"],
      exclude: ["Golden"]),
    tests(
      "Export",
      [
        "Export", "Training", "NeuralNetwork", "Tensor", "Interchange", "Harmonization", "Metrics", "Imaging",
        "Reporting", "Foundations",
      ], exclude: ["Golden"]),
    tests("FederationProtocol", ["FederationProtocol", "Foundations"]),
    tests("FolderTransport", ["FolderTransport", "FederationProtocol", "Foundations"]),
    tests(
      "Site",
      ["Site", "FederationProtocol", "Training", "NeuralNetwork", "Tensor", "Imaging", "Foundations"]),
    tests(
      "Coordinator",
      ["Coordinator", "FederationProtocol", "Site", "Fingerprint", "Interchange", "Foundations"]),
    tests(
      "Adversary",
      [
        "Adversary", "FederationProtocol", "Training", "Harmonization", "Imaging", "Interchange", "Site",
        "Foundations",
      ]),
    tests("Statistics", ["Statistics", "Foundations"]),
    tests("Terminal", ["Terminal", "Imaging", "Foundations"]),
    tests(
      "Study",
      [
        "Study", "Simulation", "Training", "Metrics", "Harmonization", "Coordinator", "Imaging",
        "Foundations",
      ]),
    tests("Reporting", ["Reporting", "Foundations"]),
    tests("Plots", ["Plots", "Foundations"]),
    tests("Pages", ["Pages", "Plots"]),
    tests(
      "Explanation",
      [
        "Explanation", "Training", "NeuralNetwork", "Tensor", "Harmonization", "Imaging", "Metrics",
        "Interchange", "Reporting", "Foundations",
      ], exclude: ["Golden"]),
    tests("Pictures", ["Pictures", "Imaging", "Foundations"]),
    tests("Inspection", ["Inspection", "Imaging", "Reporting", "Foundations"]),
    tests("Diagnosis", ["Diagnosis", "Training", "Foundations"]),
    tests("Benchmarking", ["Benchmarking", "NeuralNetwork", "Tensor", "Foundations"]),
    tests(
      "Experiment",
      [
        "Experiment", "Adversary", "Simulation", "Coordinator", "FederationProtocol", "Harmonization",
        "Imaging", "Metrics", "Training", "Fingerprint", "Planning", "Site", "Reporting", "Terminal",
        "Foundations",
      ]),
    tests("Architecture", ["Foundations"]),
    tests("Command", ["Foundations", "Tensor", "Imaging", "Simulation", "Pictures", "Terminal"]),
  ]
)
