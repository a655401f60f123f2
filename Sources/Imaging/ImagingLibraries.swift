import CNIfTI
import CPNG

/// The libraries that read and write scans.
package enum ImagingLibraries {
  /// Name and version of those that tell one; libdeflate's is the one that segfed was built with.
  package static var versions: [(name: String, version: String)] {
    [
      ("libpng", String(cString: segfed_png_version())), ("zlib", String(cString: zlibVersion())),
      ("libdeflate", LIBDEFLATE_VERSION_STRING),
    ]
  }
}
