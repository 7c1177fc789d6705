// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";

/// @notice The cheat codes of forge that these tests use (https://getfoundry.sh/reference/cheatcodes/overview).
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function chainId(uint256 number) external;
    function etch(address account, bytes calldata code) external;
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata reason) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function prank(address sender) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 time) external;
    function assume(bool condition) external pure;
}

/// @notice A registry, some accounts, and versions to publish.
abstract contract Places {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant OWNER_KEY = 0xA11CE;
    uint256 internal constant OTHER_KEY = 0xB0B;
    bytes32 internal constant LABEL = "main";
    address internal immutable owner = vm.addr(OWNER_KEY);
    address internal immutable other = vm.addr(OTHER_KEY);
    address internal constant STRANGER = address(0x57A4);
    Registry internal registry = new Registry();

    function graph() internal view returns (bytes32) {
        return graphOf(owner, LABEL);
    }

    function graphOf(address creator, bytes32 label) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(registry), creator, label));
    }

    /// @dev Of slot 0, and without a call, which `expectRevert` would take for the one it waits for.
    function headOf(bytes32 id) internal view returns (bytes32) {
        return vm.load(address(registry), keccak256(abi.encode(id, 0)));
    }

    /// @dev The next version of the owner's graph, its digests made from `seed`.
    function next(uint256 seed) internal view returns (Registry.Publication memory) {
        return next(owner, LABEL, seed);
    }

    function next(address creator, bytes32 label, uint256 seed) internal view returns (Registry.Publication memory) {
        return Registry.Publication({
            creator: creator,
            label: label,
            parent: headOf(graphOf(creator, label)),
            root: keccak256(abi.encode("root", seed)),
            size: uint256(uint96(uint256(keccak256(abi.encode("size", seed))))),
            manifest: keccak256(abi.encode("manifest", seed))
        });
    }

    function publish(Registry.Publication memory p) internal returns (bytes32) {
        vm.prank(p.creator);
        return registry.publish(p.label, p.parent, p.root, p.size, p.manifest);
    }

    function publishToAs(address sender, Registry.Publication memory p) internal returns (bytes32) {
        vm.prank(sender);
        return registry.publishTo(p);
    }

    function refused(address account) internal view returns (bytes memory) {
        return abi.encodeWithSelector(Registry.NotAllowed.selector, graph(), account);
    }

    function transferTo(address from, address to) internal {
        vm.prank(from);
        registry.transferOwnership(owner, LABEL, to);
        vm.prank(to);
        registry.acceptOwnership(owner, LABEL);
    }

    // The digests a second time, written from docs/format.md in the plainest way.

    function contextHash(Registry.Publication memory p) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("Context(bytes32 parent,bytes32 manifest)"), p.parent, p.manifest));
    }

    function versionHash(Registry.Publication memory p) internal view returns (bytes32) {
        bytes32 kind = keccak256(
            "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)Context(bytes32 parent,bytes32 manifest)"
        );
        uint256 version = (uint256(p.parent) >> 216) + 1;
        bytes32 id = graphOf(p.creator, p.label);
        return keccak256(
            abi.encode(kind, id, version, p.root, p.size >> 32, p.size & 0xffffffff, contextHash(p))
        );
    }

    function relayHash(Registry.Publication memory p, uint256 deadline) internal view returns (bytes32) {
        bytes32 kind = keccak256(
            "Relay(Version version,uint256 deadline)Context(bytes32 parent,bytes32 manifest)Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
        );
        return keccak256(abi.encode(kind, versionHash(p), deadline));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("triplock"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, structHash));
    }

    function wordOf(Registry.Publication memory p) internal view returns (bytes32) {
        uint256 version = (uint256(p.parent) >> 216) + 1;
        return bytes32(version << 216 | uint256(digestOf(versionHash(p))) >> 40);
    }
}
