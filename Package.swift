// swift-tools-version: 6.0
import PackageDescription

/// Debian's `libfcgi-dev` and `libsqlite3-dev` have plain headers and libraries; libcurl is opened
/// at run time (see `Sources/CCurl/CCurl.c`), so only its headers are needed to build.
let core: Target.Dependency = "SluiceCore"
let swift: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]
/// TOMLKit imports Foundation, whose members a module would otherwise get without asking: one
/// `contains` is enough to link all of it.
let strict = swift + [.enableUpcomingFeature("MemberImportVisibility")]
/// Size before speed: a program may have 20 MB, and most of these modules run once a request.
let small = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// Providers that are described and not programmed: a TOML file each, embedded, and its test beside it.
let described = [
  "africastalking", "arabiacell", "bandwidth", "burstsms", "clickatell", "clickmobile",
  "dartmedia", "dmark", "globelabs", "highconnection", "hormuud", "i2sms", "jasmin", "justcall",
  "m3tech", "macrokiosk", "mblox", "messangi", "mtn", "novo", "playmobile", "smscentral",
  "startmobile", "telesom", "wavy", "yo", "zenvia",
]
let declarative = "Providers/Declarative"

/// Its symbols are nobody else's: exported, as Swift's static library asks for, they would keep a
/// megabyte of code alive that nothing calls. And the addresses in it that the loader corrects, another
/// megabyte, are packed, which takes the GNU linker, and glibc 2.36 or newer.
let programLinking: [LinkerSetting] = [
  .unsafeFlags([
    "-use-ld=bfd", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker",
    "pack-relative-relocs",
  ])
]

/// A program is wiring only: everything it does lives in the modules below.
func program(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name,
    dependencies: [core, "SluicePrograms", "SluiceServices"] + more,
    swiftSettings: strict, linkerSettings: programLinking)
}

/// A program for whoever works on Sluice; built only where its script asks for it.
func tool(
  _ name: String, if variable: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> [Target] {
  guard Context.environment[variable] != nil else { return [] }
  return [
    .executableTarget(
      name: name, dependencies: [core] + dependencies, path: "Tests/\(name)", exclude: exclude,
      swiftSettings: swift)
  ]
}

let tools =
  tool("sluice-simulate", if: "SLUICE_SIMULATE", ["SluiceSimulation"])
  + tool("sluice-webhook-cost", if: "SLUICE_BENCH", ["SluiceProviderSamples"])
  + tool(
    "sluice-fuzz", if: "SLUICE_FUZZ", ["SluiceProviderSamples", "SluiceTesting", "CFuzzer"],
    exclude: ["tokens.txt"])

let package = Package(
  name: "sluice",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: tools + [
    .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
    .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CCurl"),
    .target(
      name: "SluiceCore",
      dependencies: [
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        "TOMLKit",
      ],
      exclude: described.map { "\(declarative)/Shipped/\($0).test.toml" },
      resources: described.map { .embedInCode("\(declarative)/Shipped/\($0).toml") }
        + ["start", "start.test"].map { .embedInCode("\(declarative)/Start/\($0).toml") },
      swiftSettings: small),
    .target(name: "SluiceFastCGI", dependencies: [core, "CFastCGI"], swiftSettings: strict),
    .target(name: "SluiceHTTP", dependencies: [core, "CCurl"], swiftSettings: strict),
    .target(name: "SluiceStore", dependencies: [core, "CSQLite"], swiftSettings: small),
    .target(name: "SluiceServices", dependencies: [core], swiftSettings: small),
    .target(
      name: "SluicePages", dependencies: [core, .product(name: "Crypto", package: "swift-crypto")],
      resources: [.embedInCode("look.css")], swiftSettings: small),
    .target(
      name: "SluiceConsole",
      dependencies: [
        core, "SluicePages", "SluiceServices", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ], resources: [.embedInCode("Markup/console.css")], swiftSettings: small),
    .target(
      name: "SluicePrograms",
      dependencies: [core, "SluiceServices", "SluiceFastCGI", "SluiceHTTP", "SluiceStore"],
      swiftSettings: strict),
    program("sluice-inbound"),
    program("sluice-outbound"),
    program("sluice-status"),
    program("sluice-media"),
    program("sluice-relay"),
    program("sluice-console", ["SluiceConsole"]),
    program("sluice-sandbox", ["SluiceFastCGI", "SluiceSandbox"]),
    .executableTarget(
      name: "sluice",
      dependencies: [
        core, "SluiceHTTP", "SluiceServices", "SluiceStore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: small, linkerSettings: programLinking),
    .target(
      name: "SluiceSandbox",
      dependencies: [core, "SluicePages", .product(name: "Crypto", package: "swift-crypto")],
      resources: [
        .embedInCode("Page/page.html"), .embedInCode("Page/page.css"), .embedInCode("Page/page.js"),
      ],
      swiftSettings: strict),
    .target(
      name: "SluiceTesting",
      dependencies: [core, .product(name: "Logging", package: "swift-log")],
      path: "Tests/SluiceTesting", exclude: ["Fixtures"], swiftSettings: swift),
    .target(
      name: "SluiceProviderSamples",
      dependencies: [core, "SluiceTesting", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/SluiceProviderSamples", swiftSettings: swift),
    .target(
      name: "SluiceSimulation",
      dependencies: [
        core, "SluiceServices", "SluiceStore", "SluiceTesting",
        .product(name: "Logging", package: "swift-log"),
      ], path: "Tests/SluiceSimulation", swiftSettings: swift),
    .testTarget(
      name: "SluiceSimulationTests", dependencies: ["SluiceSimulation", "SluiceTesting"],
      swiftSettings: swift),
    .testTarget(
      name: "SluiceCoreTests",
      dependencies: [
        core, "SluiceTesting", "SluiceProviderSamples",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: swift),
    .testTarget(
      name: "SluiceStoreTests", dependencies: [core, "CSQLite", "SluiceStore", "SluiceTesting"],
      swiftSettings: swift),
    .testTarget(
      name: "SluiceServicesTests",
      dependencies: [
        core, "SluiceProviderSamples", "SluiceServices", "SluiceStore", "SluiceTesting",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: swift),
    .testTarget(
      name: "SluiceConsoleTests",
      dependencies: [
        core, "SluiceConsole", "SluicePages", "SluiceServices", "SluiceStore", "SluiceTesting",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "SluiceSandboxTests", dependencies: [core, "SluiceSandbox", "SluiceTesting"],
      swiftSettings: swift),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        core, "SluiceHTTP", "SluiceTesting", "SluiceProviderSamples", "CSQLite", "sluice",
        "sluice-inbound",
        "sluice-outbound",
        "sluice-status", "sluice-media", "sluice-relay", "sluice-console", "sluice-sandbox",
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["Shims", "Signers", "Browser"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
