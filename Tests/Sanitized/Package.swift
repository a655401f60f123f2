// swift-tools-version: 6.1
import PackageDescription

// The engine and its tests once more, through links, for the address sanitizer: `make test-sanitized`. A
// package of its own, since the whole one would build every dependency anew and puts a counter before malloc.

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func kernels(_ name: String, flags: [String] = [], define: String? = nil) -> Target {
  .target(
    name: name, dependencies: ["Kernels", "CProcessor"],
    swiftSettings: strict + (define.map { [.define($0)] } ?? []) + [.unsafeFlags(flags)],
    linkerSettings: [.linkedLibrary("m")], plugins: ["KernelVariant"])
}

let package = Package(
  name: "sanitized",
  targets: [
    .target(name: "CClosure"),
    .target(
      name: "Foundations", dependencies: ["CClosure"], exclude: ["Digest.swift"], swiftSettings: strict),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CProcessor"),
    .target(name: "Kernels", swiftSettings: strict),
    .plugin(name: "KernelVariant", capability: .buildTool()),
    kernels("KernelsPortable"),
    kernels("KernelsAVX2", flags: ["-Xcc", "-march=x86-64-v3"], define: "SEGFED_AVX2"),
    kernels("KernelsAVX512", flags: ["-Xcc", "-march=x86-64-v4"], define: "SEGFED_AVX512"),
    .target(
      name: "Tensor",
      dependencies: [
        "Foundations", "Kernels", "KernelsPortable", "KernelsAVX2", "KernelsAVX512", "CProcessor",
        "COpenBLAS",
      ], swiftSettings: strict),
    .target(
      name: "NeuralNetwork", dependencies: ["Foundations", "Kernels", "Tensor"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Foundations"], path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "KernelsTests", dependencies: ["TestSupport", "Foundations", "Kernels", "Tensor"],
      swiftSettings: strict),
    .testTarget(
      name: "NeuralNetworkTests",
      dependencies: ["TestSupport", "Foundations", "Kernels", "Tensor", "NeuralNetwork"],
      swiftSettings: strict),
    .testTarget(
      name: "SanitizerTests", dependencies: ["TestSupport", "Tensor", "Kernels"], swiftSettings: strict),
  ]
)
