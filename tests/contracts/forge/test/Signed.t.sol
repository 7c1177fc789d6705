// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";
import {Places} from "./Cheats.sol";

/// @notice A wallet that accepts what its keeper signed (EIP-1271), answering as it is told to.
contract Wallet {
    address private immutable keeper;
    bytes private answer = abi.encode(bytes4(0x1626ba7e));

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function answerWith(bytes calldata other) external {
        answer = other;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view {
        address signer =
            ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        bytes memory said = signer == keeper ? answer : abi.encode(bytes4(0xffffffff));
        assembly {
            return(add(said, 32), mload(said))
        }
    }
}

/// @notice Publishing what somebody else signed.
contract SignedTest is Places {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant NEVER = type(uint256).max;

    function signed(uint256 key, bytes32 structHash) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(structHash));
        return bytes.concat(r, s, bytes1(v));
    }

    function relayed(Registry.Publication memory p, address publisher, uint256 deadline, bytes memory signature)
        private
        returns (bytes32)
    {
        vm.prank(STRANGER);
        return registry.publishSigned(p, publisher, deadline, signature);
    }

    function expectBadSignature(address account) private {
        vm.expectRevert(abi.encodeWithSelector(Registry.BadSignature.selector, account));
    }

    function testFuzz_anybody_publishes_what_the_owner_signed(uint256 seed, uint256 deadline, uint64 now_) external {
        vm.warp(now_);
        vm.assume(deadline >= now_);
        Registry.Publication memory p = next(seed);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, deadline));
        vm.expectEmit(address(registry));
        emit Registry.Version(graph(), wordOf(p), p.parent, p.root, p.size & type(uint96).max, p.manifest, owner);
        require(relayed(p, owner, deadline, signature) == wordOf(p), "word");
    }

    function testFuzz_after_the_deadline_it_is_refused(uint64 deadline, uint64 late) external {
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, deadline));
        vm.warp(uint256(deadline) + 1 + late);
        vm.expectRevert(abi.encodeWithSelector(Registry.Expired.selector, uint256(deadline)));
        relayed(p, owner, deadline, signature);
    }

    function test_the_deadline_is_the_last_second() external {
        vm.warp(1000);
        Registry.Publication memory p = next(1);
        relayed(p, owner, 1000, signed(OWNER_KEY, relayHash(p, 1000)));
    }

    function test_it_is_used_once() external {
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, NEVER));
        bytes32 word = relayed(p, owner, NEVER, signature);
        vm.expectRevert(abi.encodeWithSelector(Registry.Stale.selector, word));
        relayed(p, owner, NEVER, signature);
        publish(next(2));
        bytes32 head = headOf(graph());
        vm.expectRevert(abi.encodeWithSelector(Registry.Stale.selector, head));
        relayed(p, owner, NEVER, signature);
    }

    function test_a_versions_own_signature_publishes_nothing() external {
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, versionHash(p));
        expectBadSignature(owner);
        relayed(p, owner, NEVER, signature);
    }

    function testFuzz_another_account_signs_for_nobody(uint256 key) external {
        key = key % (ORDER - 1) + 1;
        vm.assume(key != OWNER_KEY);
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(key, relayHash(p, NEVER));
        expectBadSignature(owner);
        relayed(p, owner, NEVER, signature);
        address signer = vm.addr(key);
        vm.expectRevert(refused(signer));
        relayed(p, signer, NEVER, signature);
    }

    function testFuzz_it_is_for_this_version_and_deadline(uint8 which, uint256 change) external {
        vm.assume(change != 0);
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, NEVER - 7));
        uint256 deadline = NEVER - 7;
        if (which % 6 == 0) p.label = bytes32(uint256(p.label) ^ change);
        else if (which % 6 == 1) p.parent = bytes32(uint256(p.parent) ^ change);
        else if (which % 6 == 2) p.root = bytes32(uint256(p.root) ^ change);
        else if (which % 6 == 3) p.size ^= uint96(change) == 0 ? 1 : uint96(change);
        else if (which % 6 == 4) p.manifest = bytes32(uint256(p.manifest) ^ change);
        else deadline = NEVER - 6;
        expectBadSignature(owner);
        relayed(p, owner, deadline, signature);
    }

    function test_it_is_for_this_registry_and_chain() external {
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, NEVER));
        Registry elsewhere = new Registry();
        expectBadSignature(owner);
        elsewhere.publishSigned(p, owner, NEVER, signature);
        vm.chainId(4242);
        expectBadSignature(owner);
        relayed(p, owner, NEVER, signature);
    }

    function test_other_forms_of_a_signature_are_refused() external {
        Registry.Publication memory p = next(1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digestOf(relayHash(p, NEVER)));
        bytes[7] memory bad = [
            bytes(""),
            bytes.concat(r, s),
            bytes.concat(r, s, bytes1(v), bytes1(0)),
            bytes.concat(r, bytes32(ORDER - uint256(s)), bytes1(55 - v)),
            bytes.concat(r, s, bytes1(v - 27)),
            bytes.concat(bytes32(0), s, bytes1(v)),
            new bytes(65)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            expectBadSignature(owner);
            relayed(p, owner, NEVER, bad[i]);
        }
    }

    function test_nobody_publishes_to_the_graph_of_address_0() external {
        Registry.Publication memory p = next(address(0), LABEL, 1);
        expectBadSignature(address(0));
        relayed(p, address(0), NEVER, new bytes(65));
    }

    function test_the_former_owners_signature_is_refused() external {
        Registry.Publication memory p = next(1);
        bytes memory signature = signed(OWNER_KEY, relayHash(p, NEVER));
        transferTo(owner, other);
        vm.expectRevert(refused(owner));
        relayed(p, owner, NEVER, signature);
        relayed(p, other, NEVER, signed(OTHER_KEY, relayHash(p, NEVER)));
    }

    function test_a_delegates_signature_counts_until_its_last_second() external {
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, 1000);
        vm.warp(1000);
        Registry.Publication memory p = next(1);
        relayed(p, other, NEVER, signed(OTHER_KEY, relayHash(p, NEVER)));
        p = next(2);
        vm.warp(1001);
        bytes memory signature = signed(OTHER_KEY, relayHash(p, NEVER));
        vm.expectRevert(refused(other));
        relayed(p, other, NEVER, signature);
    }

    function test_a_wallet_publishes_what_its_keeper_signed() external {
        Wallet wallet = new Wallet(other);
        Registry.Publication memory p = next(address(wallet), LABEL, 1);
        bytes memory signature = signed(OTHER_KEY, relayHash(p, NEVER));
        bytes memory wrong = signed(OWNER_KEY, relayHash(p, NEVER));
        expectBadSignature(address(wallet));
        relayed(p, address(wallet), NEVER, wrong);
        require(relayed(p, address(wallet), NEVER, signature) == wordOf(p), "word");
    }

    function testFuzz_a_wallet_must_answer_in_one_word(bytes calldata answer, bool begun) external {
        Wallet wallet = new Wallet(other);
        // Either anything, or the right answer with something behind it, or cut off.
        bytes memory said = begun ? bytes.concat(bytes32(bytes4(0x1626ba7e)), bytes1(0), answer) : answer;
        if (begun && answer.length % 2 == 0) said = bytes.concat(bytes4(0x1626ba7e));
        vm.assume(said.length != 32 || bytes32(said) != bytes32(bytes4(0x1626ba7e)));
        wallet.answerWith(said);
        Registry.Publication memory p = next(address(wallet), LABEL, 1);
        bytes memory signature = signed(OTHER_KEY, relayHash(p, NEVER));
        expectBadSignature(address(wallet));
        relayed(p, address(wallet), NEVER, signature);
    }

    function test_an_account_with_a_key_and_code_signs_with_its_key() external {
        vm.etch(owner, hex"5f5ffd");
        Registry.Publication memory p = next(1);
        relayed(p, owner, NEVER, signed(OWNER_KEY, relayHash(p, NEVER)));
    }
}
