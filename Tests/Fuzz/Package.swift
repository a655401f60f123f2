// swift-tools-version: 6.1
import PackageDescription

// The readers of scans, through links, and what feeds them damaged files: `make fuzz`. A package of its own, to be
// built with the address sanitizer and without it, and to depend on nothing but `Imaging`.

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let package = Package(
  name: "fuzz",
  products: [.executable(name: "fuzz-imaging", targets: ["FuzzImaging"])],
  targets: [
    .target(name: "CClosure"),
    .target(
      name: "Foundations", dependencies: ["CClosure"], exclude: ["Digest.swift"], swiftSettings: strict),
    .target(
      name: "CNIfTI",
      linkerSettings: [
        .linkedLibrary("nifti2"), .linkedLibrary("znz"), .linkedLibrary("z"), .linkedLibrary("deflate"),
      ]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .target(name: "Imaging", dependencies: ["Foundations", "CNIfTI", "CPNG"], swiftSettings: strict),
    .target(name: "CAllocationWatch"),
    .executableTarget(
      name: "FuzzImaging", dependencies: ["Foundations", "Imaging", "CNIfTI", "CAllocationWatch"],
      swiftSettings: strict, linkerSettings: [.unsafeFlags(["-Xlinker", "--wrap=mmap"])]),
  ]
)
